import type { Price } from "@cryptovault/price-stream/mirror";
import type { Book, Entry } from "../../src/book/book.ts";

/** What the book said of one asset from `seq` on: the same with other times, where a price was told again. */
export type Fact = { seq: number; ref: number; listed: boolean; views: Price[] };

export type Truth = ReturnType<typeof createTruth>;

/** Keeps what the book was at each of its numbers. */
export function createTruth(book: Book) {
  const histories = new Map<string, Fact[]>();
  const told = new Map<string, Entry>();
  let noted = 0;

  return {
    /** To be called after each call to the book that changes it, be it times only. */
    note() {
      for (const entry of book.since(noted)) {
        const { asset, seq, ref, listed } = entry;
        if (seq !== ++noted) throw new Error(`the book has lost its change ${noted}`);
        const history = histories.get(asset) ?? [];
        history.push({ seq, ref, listed, views: [] });
        histories.set(asset, history);
      }
      for (const entry of book.since(0)) {
        if (told.get(entry.asset) === entry) continue;
        told.set(entry.asset, entry);
        histories.get(entry.asset)?.at(-1)?.views.push(viewOf(entry));
      }
      if (noted !== book.seq()) throw new Error(`the book has lost its change ${book.seq()}`);
    },

    /** What a client that holds everything up to `seq` knows of the asset. */
    at(asset: string, seq: number): Fact | undefined {
      const history = histories.get(asset) ?? [];
      let place = history.length - 1;
      while (place >= 0 && (history[place]?.seq ?? 0) > seq) place--;
      return history[place];
    },

    /** Every asset that ever had a price. */
    assets: (): Iterable<string> => histories.keys(),
  };
}

const viewOf = (entry: Entry): Price => ({
  asset: entry.asset,
  price: entry.price,
  change24h: entry.change24h ?? null,
  exchangeTime: entry.exchangeTime ?? null,
  source: entry.source,
  quote: entry.quote,
  derivedFrom: entry.derived?.quote ?? null,
  thin: entry.thin,
  staleSince: entry.stale ? entry.receivedAt : null,
  stale: entry.stale,
});
