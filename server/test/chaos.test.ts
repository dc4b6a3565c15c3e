import fc from "fast-check";
import { expect, it } from "vitest";
import { runChaos } from "../bench/chaos/chaos.ts";
import { createOutages } from "../bench/chaos/outages.ts";
import { type Blow, isSilencing, planChaos } from "../bench/chaos/plan.ts";
import { createTruth } from "../bench/chaos/truth.ts";
import { faultsOf, readFault } from "../src/emulator/faults.ts";
import { createMarket } from "../src/emulator/market.ts";
import type { Pair } from "../src/emulator/pairs.ts";
import { universe } from "../src/emulator/universe.ts";
import { EXCHANGES } from "../src/emulator/venue.ts";
import rows from "../src/sources/assets.json" with { type: "json" };

const options = {
  faults: new Map(EXCHANGES.map((name) => [name, faultsOf(name, false)])),
  assets: ["bitcoin", "ethereum"],
  warmUpMs: 2500,
  recoveryMs: 5500,
  blackoutMs: 6000,
};
const plan = (seed: number, forMs = 300_000) => planChaos({ ...options, seed, forMs });

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const lengths = fc.integer({ min: 20_000, max: 600_000 });

it("a gateway on exchanges that break at random keeps its promises for 20 seconds", {
  timeout: 60_000,
}, async () => {
  const { violations, faults, counts } = await runChaos({
    seed: 7,
    forMs: 20_000,
    policy: "priority",
  });
  expect(violations).toEqual([]);
  expect(counts.blackouts).toBe(1);
  expect(Object.keys(faults).length).toBeGreaterThan(3);
  expect(counts.failovers).toBeGreaterThan(0);
  expect(counts.prices).toBeGreaterThan(10_000);
});

it("plans the same chaos for the same seed, and another for another", () => {
  fc.assert(
    fc.property(seeds, lengths, (seed, forMs) => {
      expect(plan(seed, forMs)).toEqual(plan(seed, forMs));
      expect(plan(seed, forMs).blows).not.toEqual(plan(seed + 1, forMs).blows);
    }),
    { numRuns: 20 },
  );
});

it("plans for each guard that nothing of it breaks, and nothing of before still acts", () => {
  fc.assert(
    fc.property(seeds, lengths, (seed, forMs) => {
      const { phases, blows } = plan(seed, forMs);
      for (const { guard, from, to } of phases.filter((phase) => phase.guard !== undefined)) {
        const near = (blow: Blow) => blow.at < to && blow.over > from - options.recoveryMs;
        expect(blows.filter((blow) => blow.exchange === guard && near(blow))).toEqual([]);
      }
    }),
  );
});

it("breaks every exchange in a blackout so that no price comes, and lets them recover", () => {
  fc.assert(
    fc.property(seeds, lengths, (seed, forMs) => {
      const { phases, blows } = plan(seed, forMs);
      const dark = phases.filter(({ guard }) => guard === undefined);
      expect(dark.length).toBeGreaterThan(0);
      for (const { from, to } of dark) {
        const within = blows.filter(
          ({ at, until }) => at < to + options.recoveryMs && until > from,
        );
        expect(within.map(({ exchange }) => exchange).sort()).toEqual([...EXCHANGES].sort());
        for (const { fault, at, until } of within) {
          expect(isSilencing(fault) && at === from && until === to, fault).toBe(true);
        }
      }
    }),
  );
});

it("plans faults that their exchange can have, one after the other, all over by the end", () => {
  fc.assert(
    fc.property(seeds, lengths, (seed, forMs) => {
      const { blows } = plan(seed, forMs);
      for (const { exchange, fault, detail, at, until, over } of blows) {
        expect(readFault(exchange, faultsOf(exchange, false), () => true, fault, detail)).toEqual({
          name: fault,
          detail,
        });
        expect(at >= options.warmUpMs && at <= until && until <= over).toBe(true);
      }
      for (const name of EXCHANGES) {
        const own = blows.filter(({ exchange }) => exchange === name);
        for (const [n, { at }] of own.entries()) {
          if (n > 0) expect(at).toBeGreaterThanOrEqual(own[n - 1]?.over ?? 0);
        }
        expect(Math.max(0, ...own.map(({ until }) => until))).toBeLessThanOrEqual(forMs);
      }
    }),
  );
});

const pair = (quote: string, decimals: number): Pair => ({
  symbol: `BTC${quote}`,
  asset: "bitcoin",
  base: "BTC",
  quote,
  decimals,
  active: true,
});

it("refutes a price that the market never had in that time, and no other", () => {
  const market = createMarket(1, universe(rows, 500), 0);
  const truth = createTruth(market, [pair("USDT", 2)]);
  const at = (time: number) => {
    market.step(time);
    truth.note(time);
    return market.price("bitcoin") ?? 0;
  };
  const early = at(1000);
  let late = early;
  for (let time = 2000; time <= 60_000; time += 1000) late = at(time);
  const claim = (price: number, from: number, to: number, quote = "USD") =>
    truth.refute({ asset: "bitcoin", price: price.toFixed(2), quote, rateFrom: from, from, to });
  expect(claim(late, 59_900, 60_000)).toBeUndefined();
  expect(claim(late * 1.00029, 59_900, 60_000)).toBeUndefined();
  expect(claim(late * 1.0008, 59_900, 60_000)).toMatch(/bitcoin is .* USD, but was between/);
  expect(claim(late * 10, 0, 60_000)).toMatch(/but was between/);
  expect(claim(early, 0, 60_000)).toBeUndefined();
  expect(claim(early, 0, 1500)).toBeUndefined();
  const usdt = market.unit("USDT")?.price ?? 1;
  expect(claim(late / usdt, 59_900, 60_000, "USDT")).toBeUndefined();
  expect(claim(late, 59_900, 60_000, "USDT")).toMatch(/but was between/);
});

it("excuses a stale price by those exchanges alone that trade the asset", () => {
  const outages = createOutages(
    new Map([
      ["coincap", [pair("USD", 2)]],
      ["binance", [pair("USDT", 2), pair("EUR", 2)]],
      ["coinbase", [{ ...pair("USD", 2), active: false }]],
    ]),
  );
  const blow: Blow = { exchange: "coincap", fault: "stall", detail: {}, at: 0, until: 0, over: 0 };
  const stall = outages.begin(blow, 1000);
  expect(outages.wellSince("bitcoin", 2000)).toBe(Number.NEGATIVE_INFINITY);
  const cut = outages.begin({ ...blow, exchange: "binance", fault: "garbage" }, 3000);
  expect(outages.wellSince("bitcoin", 4000)).toBeUndefined();
  expect(outages.mayHaveSpoken("bitcoin", 3000, 4000)).toBe(true);
  const stalled = outages.begin({ ...blow, exchange: "binance" }, 5000);
  cut.overAt = 5000;
  expect(outages.mayHaveSpoken("bitcoin", 5000, 6000)).toBe(false);
  stall.mendedAt = 7000;
  expect(outages.mayHaveSpoken("bitcoin", 5000, 8000)).toBe(true);
  expect(outages.wellSince("bitcoin", 8000)).toBeUndefined();
  stall.overAt = 9000;
  expect(outages.wellSince("bitcoin", 10_000)).toBe(9000);
  stalled.overAt = 8500;
  expect(outages.wellSince("bitcoin", 10_000)).toBe(8500);
});
