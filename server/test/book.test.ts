import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBook } from "../src/book/book.ts";
import { quoteOf } from "./support/quote.ts";

const STALE_MS = 60_000;
const newBook = () => createBook({ epoch: "e1", staleAfterMs: STALE_MS });

const ids = (entries: { asset: string }[]) => entries.map(({ asset }) => asset);

describe("the sequence", () => {
  it("takes a number for a change of price, source, quote, 24 h change and staleness", () => {
    const book = newBook();
    book.put(quoteOf("bitcoin", "1"), 0);
    book.put(quoteOf("bitcoin", "2"), 0);
    book.put(quoteOf("bitcoin", "2", { source: "binance" }), 0);
    book.put(quoteOf("bitcoin", "2", { source: "binance", quote: "USDT" }), 0);
    book.put(quoteOf("bitcoin", "2", { source: "binance", quote: "USDT", change24h: 1.25 }), 0);
    book.sweep(STALE_MS + 1);
    expect(book.stats().seq).toBe(6);
  });

  it("takes none for a repeated price, but renews its time", () => {
    const book = newBook();
    book.put(quoteOf("bitcoin", "1"), 0);
    expect(book.put(quoteOf("bitcoin", "1", { receivedAt: STALE_MS }), STALE_MS)).toBe(false);
    book.sweep(2 * STALE_MS);
    expect(book.stats()).toMatchObject({ seq: 1, fresh: 1, stale: 0, lastReceivedAt: STALE_MS });
    expect(book.since(0)).toMatchObject([{ seq: 1, receivedAt: STALE_MS }]);
    expect(book.since(1)).toEqual([]);
  });
});

describe("staleness", () => {
  it("marks an entry whose last tick is older than staleAfter, and clears it with the next tick", () => {
    const book = newBook();
    book.put(quoteOf("bitcoin", "1"), 0);
    book.sweep(STALE_MS);
    expect(book.get("bitcoin")?.stale).toBe(false);
    book.sweep(STALE_MS + 1);
    expect(book.get("bitcoin")?.stale).toBe(true);
    expect(book.stats()).toMatchObject({ fresh: 0, stale: 1 });
    book.put(quoteOf("bitcoin", "1", { receivedAt: STALE_MS + 2 }), STALE_MS + 2);
    expect(book.get("bitcoin")?.stale).toBe(false);
    expect(book.stats().seq).toBe(3);
  });

  it("enters a price that is old already as stale", () => {
    const book = newBook();
    book.put(quoteOf("bitcoin", "1", { receivedAt: 0 }), STALE_MS + 1);
    expect(book.get("bitcoin")?.stale).toBe(true);
  });

  it("delists what nobody has priced for a day: gone from a snapshot, told to who holds it", () => {
    const book = newBook();
    book.put(quoteOf("bitcoin", "1"), 0);
    const position = book.stats().seq;
    book.sweep(24 * 3_600_000 + 1);
    expect(book.get("bitcoin")).toBeUndefined();
    expect(book.since(0)).toEqual([]);
    expect(book.since(position)).toMatchObject([{ asset: "bitcoin", listed: false }]);
    expect(book.stats().assets).toBe(0);
    const day = 25 * 3_600_000;
    book.put(quoteOf("bitcoin", "2", { receivedAt: day }), day);
    expect(ids(book.since(0))).toEqual(["bitcoin"]);
  });
});

describe("since", () => {
  it("gives entries in the order of their last change, and nothing that has not changed", () => {
    const book = newBook();
    for (const asset of ["a", "b", "c"]) book.put(quoteOf(asset, "1"), 0);
    book.put(quoteOf("a", "2"), 0);
    expect(ids(book.since(0))).toEqual(["b", "c", "a"]);
    expect(ids(book.since(3))).toEqual(["a"]);
    expect(ids(book.since(0, new Set(["a", "c", "unknown"])))).toEqual(["c", "a"]);
    expect(book.since(4)).toEqual([]);
  });

  it("lets whoever applies it hold exactly the book, wherever it starts and however often it asks", () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant("put" as const),
        asset: fc.constantFrom("a", "b", "c", "d"),
        price: fc.constantFrom("1", "2", "3"),
        source: fc.constantFrom("coincap", "binance"),
      }),
      fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 50_000 }) }),
      fc.record({
        kind: fc.constant("read" as const),
        assets: fc.option(fc.subarray(["a", "b", "c"])),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = newBook();
        const held = new Map<string, string>();
        let position = 0;
        let now = 0;
        const sync = () => {
          for (const { asset, seq, price, source, stale } of book.since(position)) {
            expect(seq).toBeGreaterThan(position);
            held.set(asset, `${price} ${source} ${stale}`);
          }
          position = book.stats().seq;
        };
        for (const next of steps) {
          if (next.kind === "put") {
            const { asset, price, source } = next;
            book.put(quoteOf(asset, price, { source, receivedAt: now }), now);
          } else if (next.kind === "wait") {
            now += next.ms;
            book.sweep(now);
          } else if (next.assets) {
            const some = book.since(position, new Set(next.assets));
            const all = book
              .since(position)
              .filter(({ asset }) => next.assets?.includes(asset as "a"));
            expect(some).toEqual(all);
          } else sync();
        }
        sync();
        const truth = book
          .since(0)
          .map(({ asset, price, source, stale }) => [asset, `${price} ${source} ${stale}`]);
        expect(Object.fromEntries(held)).toEqual(Object.fromEntries(truth));
        const { fresh, stale, assets } = book.stats();
        expect(fresh).toBe(book.since(0).filter((entry) => !entry.stale).length);
        expect(fresh + stale).toBe(assets);
      }),
    );
  });
});

it("names the source that speaks for most assets", () => {
  const book = newBook();
  expect(book.leader()).toBeUndefined();
  book.put(quoteOf("a", "1"), 0);
  book.put(quoteOf("b", "1", { source: "binance" }), 0);
  book.put(quoteOf("c", "1", { source: "binance" }), 0);
  expect(book.leader()).toBe("binance");
  book.put(quoteOf("b", "1"), 0);
  expect(book.leader()).toBe("coincap");
});

it("counts the changes of each second", () => {
  const book = newBook();
  book.sweep(1000);
  for (let i = 0; i < 5; i++) book.put(quoteOf("a", String(i + 1)), 1500);
  book.sweep(2000);
  expect(book.stats().changesPerS).toBe(5);
});
