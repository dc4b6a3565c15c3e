import type { Quote } from "../types.ts";

/** What the book holds of one asset. Valid until the next change: copy what you keep. */
export type Entry = Readonly<Quote & { seq: number; stale: boolean; listed: boolean }>;

/** An asset that no source has priced for so long is delisted, ms. */
const DELIST_AFTER_MS = 24 * 3_600_000;

export type BookOptions = {
  /** Names this run of the sequence: numbers of another epoch mean nothing here. */
  epoch: string;
  /** An entry is stale when its last tick was received more than this ago, ms. */
  staleAfterMs: number;
};

export type Book = ReturnType<typeof createBook>;

type Node = {
  -readonly [Key in keyof Entry]: Entry[Key];
} & { before: Node | undefined; after: Node | undefined };

/**
 * The price book: one entry per asset; every change to an entry takes the next number of one
 * growing sequence. Pure; times in ms of the market clock.
 *
 * Entries form a list in the order of their last change, so that `since` costs what it returns.
 */
export function createBook({ epoch, staleAfterMs }: BookOptions) {
  const entries = new Map<string, Node>();
  const bySource = new Map<string, number>();
  let newest: Node | undefined;
  let seq = 0;
  let fresh = 0;
  let lastReceivedAt: number | undefined;
  let swept = { seq: 0, at: 0 };
  let changesPerS = 0;

  const unlink = (node: Node) => {
    if (node.before) node.before.after = node.after;
    if (node.after) node.after.before = node.before;
    if (newest === node) newest = node.before;
    node.before = node.after = undefined;
  };

  const takeNumber = (node: Node) => {
    unlink(node);
    node.seq = ++seq;
    node.before = newest;
    if (newest) newest.after = node;
    newest = node;
  };

  const count = (node: Node, by: 1 | -1) => {
    if (!node.listed) return;
    bySource.set(node.source, (bySource.get(node.source) ?? 0) + by);
    if (!node.stale) fresh += by;
  };

  const isNews = (node: Node, quote: Quote, stale: boolean) =>
    node.price !== quote.price ||
    node.source !== quote.source ||
    node.quote !== quote.quote ||
    node.thin !== quote.thin ||
    node.change24h !== quote.change24h ||
    node.stale !== stale ||
    !node.listed;

  const sinceOfAll = (position: number): Entry[] => {
    const changed: Entry[] = [];
    for (let node = newest; node && node.seq > position; node = node.before) {
      if (node.listed || position > 0) changed.push(node);
    }
    return changed.reverse();
  };

  const sinceOfSome = (position: number, assets: Iterable<string>): Entry[] => {
    const changed: Entry[] = [];
    for (const asset of assets) {
      const node = entries.get(asset);
      if (node && node.seq > position && (node.listed || position > 0)) changed.push(node);
    }
    return changed.sort((a, b) => a.seq - b.seq);
  };

  return {
    epoch,

    /**
     * Enters a price. A repeated one renews the entry's time without taking a number.
     * @returns whether it took a number
     */
    put(quote: Quote, now: number): boolean {
      const stale = now - quote.receivedAt > staleAfterMs;
      lastReceivedAt = Math.max(lastReceivedAt ?? 0, quote.receivedAt);
      let node = entries.get(quote.asset);
      if (!node) {
        node = { ...quote, seq: 0, stale, listed: true, before: undefined, after: undefined };
        entries.set(quote.asset, node);
        count(node, 1);
        takeNumber(node);
        return true;
      }
      const news = isNews(node, quote, stale);
      if (news) count(node, -1);
      Object.assign(node, quote, { stale, listed: true });
      if (news) {
        count(node, 1);
        takeNumber(node);
      }
      return news;
    },

    /** Marks what has become stale, and delists what nobody prices any more. Call it each second. */
    sweep(now: number) {
      if (now > swept.at) changesPerS = Math.round(((seq - swept.seq) / (now - swept.at)) * 1000);
      swept = { seq, at: now };
      for (const node of entries.values()) {
        const age = now - node.receivedAt;
        const stale = age > staleAfterMs;
        const listed = age <= DELIST_AFTER_MS;
        if (stale === node.stale && listed === node.listed) continue;
        count(node, -1);
        node.stale = stale;
        node.listed = listed;
        count(node, 1);
        takeNumber(node);
      }
    },

    /**
     * What changed after `position`, in the order of change: the one query behind every delivery.
     * Delisted assets are part of it unless `position` is 0.
     * @param assets only these; all when left out
     */
    since: (position: number, assets?: Iterable<string>): Entry[] =>
      assets ? sinceOfSome(position, assets) : sinceOfAll(position),

    get(asset: string): Entry | undefined {
      const node = entries.get(asset);
      return node?.listed ? node : undefined;
    },

    /** The source that speaks for most assets; undefined before the first price. */
    leader(): string | undefined {
      let leader: [string | undefined, number] = [undefined, 0];
      for (const row of bySource) if (row[1] > leader[1]) leader = row;
      return leader[0];
    },

    /**
     * Numbers as they stand. `lastReceivedAt` is the newest receipt of any price; `changesPerS`
     * counts the numbers taken between the last two sweeps.
     */
    stats() {
      let listed = 0;
      for (const number of bySource.values()) listed += number;
      const stale = listed - fresh;
      return { epoch, seq, assets: listed, fresh, stale, changesPerS, lastReceivedAt };
    },
  };
}
