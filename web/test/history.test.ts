import type { Price } from "@cryptovault/price-stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createHistory, STEPS } from "../src/history.ts";

const START = 1_800_000_000_000;

/** A stream that tells what the test says, and a clock that goes when the test says. */
function start() {
  const prices = new Map<string, Price>();
  let hear: (changed: readonly Price[]) => void = () => {};
  let ms = START;
  const stream = {
    all: () => prices,
    subscribeAll(fn: typeof hear) {
      hear = fn;
      return () => {};
    },
  };
  const tell = (changed: readonly Price[]) => {
    for (const price of changed) prices.set(price.asset, price);
    hear(changed);
  };
  return {
    history: createHistory(stream, () => ms),
    tell: (price: string, more: Partial<Price> = {}) => tell([{ ...LIVE, price, ...more }]),
    tellAll: tell,
    pass(seconds: number) {
      ms += seconds * 1000;
    },
    now: () => ms,
  };
}

const LIVE: Price = {
  asset: "bitcoin",
  price: "0",
  quote: "USD",
  derivedFrom: null,
  thin: false,
  stale: false,
  change24h: null,
  source: "coincap",
  exchangeTime: null,
  staleSince: null,
};

const OLD = { stale: true };

it("keeps one price per second, the last of each, and goes on with one that nobody contradicts", () => {
  const { history, tell, pass, now } = start();
  expect(history.read("bitcoin")).toBeUndefined();
  tell("1");
  tell("2");
  pass(1);
  tell("3");
  pass(3);
  tell("4");
  expect([...(history.read("bitcoin")?.prices ?? [])]).toEqual([2, 3, 3, 3, 4]);
  pass(2);
  expect([...(history.read("bitcoin")?.prices ?? [])]).toEqual([2, 3, 3, 3, 4, 4, 4]);
  expect(history.read("bitcoin")?.endsAt).toBe(now());
});

it("has a gap where the price was old, and in each second in which it was so for a moment", () => {
  const { history, tell, pass } = start();
  tell("1");
  pass(1);
  tell("1", OLD);
  pass(2);
  tell("2");
  pass(1);
  tell("3", OLD);
  tell("3");
  pass(1);
  tell("4");
  expect([...(history.read("bitcoin")?.prices ?? [])]).toEqual([1, NaN, NaN, NaN, NaN, 4]);
});

it("does not know what the price was while nothing was heard for long, as in sleep", () => {
  const { history, tell, pass } = start();
  tell("1");
  tell("8", { asset: "ethereum" });
  pass(1);
  tell("2");
  pass(60);
  const asleep = [...(history.read("bitcoin")?.prices ?? [])];
  expect(asleep).toEqual([1, 2, ...Array<number>(60).fill(NaN)]);
  tell("3");
  pass(1);
  const bitcoin = [...(history.read("bitcoin")?.prices ?? [])];
  expect(bitcoin).toEqual([1, 2, ...Array<number>(60).fill(NaN), 3]);
  // Nobody contradicts this one, and it is told of as live.
  expect([...(history.read("ethereum")?.prices ?? [])].slice(-2)).toEqual([NaN, 8]);
});

it("remembers ten minutes and no more", () => {
  const { history, tell, pass } = start();
  for (let second = 0; second < STEPS + 50; second++) {
    tell(String(second));
    pass(1);
  }
  const { prices = [] } = history.read("bitcoin") ?? {};
  expect(prices.length).toBe(STEPS);
  expect(prices[0]).toBe(51);
});

it("draws no line between prices in two currencies", () => {
  const { history, tell, pass } = start();
  tell("1");
  pass(1);
  tell("100", { quote: "USDT" });
  expect([...(history.read("bitcoin")?.prices ?? [])]).toEqual([100]);
  expect(history.read("bitcoin")?.quote).toBe("USDT");
});

it("begins anew when the device's clock is set back", () => {
  const { history, tell, pass, now } = start();
  tell("1");
  pass(-3600);
  tell("2");
  pass(1);
  expect([...(history.read("bitcoin")?.prices ?? [])]).toEqual([2, 2]);
  expect(history.read("bitcoin")?.endsAt).toBe(now());
});

it("tells those who draw every five seconds, and not until they leave", () => {
  const { history, tell, pass } = start();
  let drawn = 0;
  const leave = history.subscribe(() => drawn++);
  for (let second = 0; second < 20; second++) {
    pass(1);
    tell(String(second));
  }
  expect(drawn).toBe(4);
  leave();
  pass(20);
  tell("1");
  expect(drawn).toBe(4);
});

it("never shows a price in a second in which it was not live throughout", () => {
  const events = fc.array(
    fc.record({
      waitMs: fc.integer({ min: 0, max: 2500 }),
      price: fc.integer({ min: 1, max: 9 }),
      stale: fc.boolean(),
    }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (story) => {
      const { history, tell, pass, now } = start();
      /** Seconds in which it was old at any time, and where it was live last. */
      const old = new Set<number>();
      const ends = new Map<number, number>();
      let [current, first] = [NaN, NaN];
      const mark = () => {
        const second = Math.floor(now() / 1000);
        if (Number.isNaN(current)) old.add(second);
        else ends.set(second, current);
      };
      for (const { waitMs, price, stale } of story) {
        for (let part = 0; part < waitMs; part++) {
          pass(0.001);
          if (!Number.isNaN(first)) mark();
        }
        tell(String(price), { stale });
        if (Number.isNaN(first) && stale) continue;
        first = Number.isNaN(first) ? Math.floor(now() / 1000) : first;
        current = stale ? NaN : price;
        mark();
      }
      const trace = history.read("bitcoin");
      expect(trace === undefined).toBe(Number.isNaN(first));
      trace?.prices.forEach((price, index) => {
        const second = first + index;
        expect(price).toBe(old.has(second) ? NaN : ends.get(second));
      });
    }),
    { numRuns: 60 },
  );
});

it("takes a second of two thousand assets in a few milliseconds", () => {
  const { tellAll, pass } = start();
  const assets = Array.from({ length: 2000 }, (_, n) => `asset-${n}`);
  const second = (n: number) => assets.map((asset) => ({ ...LIVE, asset, price: `${n}.5` }));
  const took = Array.from({ length: 30 }, (_, n) => {
    const changed = second(n);
    pass(1);
    const begin = performance.now();
    tellAll(changed);
    return performance.now() - begin;
  }).sort((a, b) => a - b);
  // What else the machine has to do only adds to it.
  expect(took[7]).toBeLessThan(5);
});
