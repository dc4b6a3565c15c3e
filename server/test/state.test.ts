import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type Book, createBook } from "../src/book/book.ts";
import { claimState, leaveState } from "../src/cli/state.ts";
import { writeState } from "../src/cli/state-text.ts";
import type { Quote } from "../src/types.ts";
import { recordedLog } from "./support/gateway.ts";
import { quoteOf } from "./support/quote.ts";

const NOW = Date.UTC(2026, 0, 1);
const quote = (asset: string, price: string, more: Partial<Quote> = {}) =>
  quoteOf(asset, price, { receivedAt: NOW, ...more });

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "state-"));
  path = join(folder, "state.json");
});

const claim = (now = NOW) => {
  const { log, messages } = recordedLog();
  return claimState(path, { feed: "live", now, log }).then((claimed) => ({ ...claimed, messages }));
};
const leave = (book: Book, feed = "live") => leaveState(path, writeState(book.state(), feed, NOW));

const EPOCH = "0f9b6c1e-3d52-4c7a-9a41-6f2d8e5b7c10";

function filled(): Book {
  const book = createBook({ epoch: EPOCH, staleAfterMs: 60_000 });
  const derived = { price: "2", quote: "USDT", rate: "0.999" };
  book.put(quote("bitcoin", "64000.10", { derived, spread: 0.1, change24h: -1.25 }), NOW);
  book.put(quote("ethereum", "3000", { exchangeTime: NOW - 20 }), NOW);
  book.put(quote("bitcoin", "64000.20"), NOW);
  return book;
}

describe("what a closed gateway leaves", () => {
  it("is taken by the next one as it was, and by no other", async () => {
    const book = filled();
    await leave(book);
    const { state } = await claim();
    expect(state).toEqual(book.state());
    expect((await claim()).state).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("goes to exactly one of many that start at once", async () => {
    await leave(filled());
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim()));
    expect(claims.filter(({ state }) => state)).toHaveLength(1);
  });

  it("is not touched by others that have the same process id, as all have in containers", async () => {
    await leave(filled());
    for (let round = 0; round < 20; round++) {
      const [{ state }] = await Promise.all([claim(), leave(filled()), leave(filled())]);
      const { state: rest } = await claim();
      expect(state ?? rest).toEqual(filled().state());
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it("replaces what was there, and leaves no draft behind where it can't be written", async () => {
    writeFileSync(path, "old");
    await leave(filled());
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ epoch: EPOCH, seq: 3 });
    const nowhere = join(folder, "none", "state.json");
    await expect(leaveState(nowhere, "{}")).rejects.toThrow(
      /--state-file .* can't be written: ENOENT/,
    );
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });

  it.each([
    ["is no JSON", () => writeFileSync(path, "{"), 0, /can't be read/],
    ["has holes", () => writeFileSync(path, '{"version":1,"feed":"live"}'), 0, /can't be read/],
    [
      "is of other exchanges or assets",
      () => leave(filled(), "demo"),
      0,
      /it is of demo, not of live/,
    ],
    ["is from the future, since a clock was set back", () => leave(filled()), -3000, /the future/],
    ["is too old", () => leave(filled()), 600_001, /too old/],
  ])("is set aside where an operator finds it, if it %s", async (_what, write, laterMs, why) => {
    writeFileSync(`${path}.unusable`, "of an earlier start");
    await write();
    const text = readFileSync(path, "utf8");
    const { state, messages } = await claim(NOW + laterMs);
    expect(state).toBeUndefined();
    expect(messages.join()).toMatch(why);
    expect(messages.join()).toContain(`kept in ${path}.unusable`);
    expect(readdirSync(folder)).toEqual(["state.json.unusable"]);
    expect(readFileSync(`${path}.unusable`, "utf8")).toBe(text);
  });

  type Written = { epoch: string; seq: number; entries: Record<string, unknown>[] };
  it.each<[string, (state: Written) => unknown]>([
    ["an epoch that is none", (state) => (state.epoch = "e\r\nevent: x")],
    ["a seq too large to count on", (state) => (state.seq = Number.MAX_SAFE_INTEGER)],
    ["a seq below that of an entry", (state) => (state.seq = 2)],
    ["entries out of order", (state) => state.entries.reverse()],
    ["an asset twice", (state) => (at(state, 1).asset = at(state, 0).asset)],
    ["a ref twice, which would mix up prices", (state) => (at(state, 1).ref = at(state, 0).ref)],
    ["a ref that the next asset will get", (state) => (at(state, 1).ref = 2)],
    ["a change newer than its entry", (state) => (at(state, 0).changeSeq = 3)],
    ["a price that is none", (state) => (at(state, 0).price = "-1e5<img>")],
    ["a price of zero", (state) => (at(state, 0).price = "0.00")],
    [
      "a rate that is none",
      (state) => (at(state, 1).derived = { price: "1", quote: "USDT", rate: "x" }),
    ],
    ["a time that is none", (state) => (at(state, 0).exchangeTime = 1e300)],
    ["a time before there was any", (state) => (at(state, 0).receivedAt = -1)],
  ])("is not gone on with if it has %s", async (_what, spoil) => {
    await leave(filled());
    const state = JSON.parse(readFileSync(path, "utf8"));
    spoil(state);
    writeFileSync(path, JSON.stringify(state));
    const spoilt = await claim();
    expect(spoilt.state).toBeUndefined();
    // A thousand entries may be wrong: the first is enough to tell.
    expect(spoilt.messages.join().length).toBeLessThan(300);
    await leave(filled());
    expect((await claim()).state).toBeDefined();
  });
  const at = ({ entries }: Written, i: number) => entries[i] ?? {};
});

it("says why where the state of an earlier gateway is there and can't be had", async () => {
  writeFileSync(path, "");
  path = join(path, "state.json");
  const { state, messages } = await claim();
  expect(state).toBeUndefined();
  expect(messages.join()).toMatch(/can't be had: ENOTDIR/);
});

describe("a book that goes on", () => {
  it("tells clients the same as the book before it would have, wherever they were", () => {
    const put = fc.record({
      asset: fc.constantFrom("a", "b", "c", "d"),
      price: fc.constantFrom("1", "2"),
      source: fc.constantFrom("coincap", "binance"),
    });
    fc.assert(
      fc.property(fc.array(put), fc.array(put), (before, after) => {
        const first = createBook({ epoch: "e", staleAfterMs: 60_000 });
        const enter = (book: Book, puts: typeof before) => {
          for (const { asset, price, source } of puts) {
            book.put(quote(asset, price, { source }), NOW);
          }
        };
        enter(first, before);
        const restored = first.state();
        const second = createBook({ epoch: "e", staleAfterMs: 60_000, restored });
        enter(first, after);
        enter(second, after);
        for (let position = 0; position <= first.seq(); position++) {
          expect(second.since(position)).toEqual(first.since(position));
        }
        expect(second.stats()).toEqual(first.stats());
      }),
    );
  });

  it("shows no price as fresh that has grown old while nobody was there", () => {
    const restored = filled().state();
    const book = createBook({ epoch: "e", staleAfterMs: 60_000, restored });
    book.sweep(NOW + 61_000);
    expect(book.since(0).every(({ stale }) => stale)).toBe(true);
    expect(book.since(3)).toHaveLength(2);
  });
});
