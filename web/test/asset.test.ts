import { formatPrice } from "@cryptovault/price-stream/format";
import type { AssetPriceResponse, AssetView } from "@cryptovault/price-stream/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { formatNumber } from "../src/asset/axis.ts";
import {
  differenceOf,
  formatDifference,
  formatLag,
  lagOf,
  spreadOf,
  standingOf,
} from "../src/asset/views.ts";
import { sparkPath } from "../src/market/spark-path.ts";
import { describeTrend, trendOf } from "../src/trend.ts";

const VIEW: AssetView = {
  source: "kraken",
  price: "100",
  quote: "USD",
  derived: null,
  exchangeTime: null,
  receivedAt: "2026-01-01T00:00:10.000Z",
  stale: false,
  speaking: false,
  matched: true,
  held: null,
  volume24hUsd: null,
};

const ASSET: AssetPriceResponse = {
  id: "bitcoin",
  symbol: "BTC",
  name: "Bitcoin",
  price: "100",
  quote: "USD",
  source: "coincap",
  constituents: ["coincap"],
  derived: null,
  spread: null,
  thin: false,
  stale: false,
  change24h: null,
  exchangeTime: null,
  receivedAt: null,
  rank: 1,
  rankSource: null,
  marketCapUsd: null,
  marketCapSource: null,
  volume24hUsd: null,
  volumeSources: [],
  timestamp: "2026-01-01T00:00:11.000Z",
  sources: [],
};

const trace = (...prices: number[]) => ({ prices: Float64Array.from(prices) });
const trend = (...prices: number[]) => trendOf(trace(...prices));
const pathOf = (...prices: number[]) => {
  const known = trend(...prices);
  return known && sparkPath(trace(...prices), known);
};

it("says in one word what an exchange's price counts for, first what hinders it", () => {
  const word = (more: Partial<AssetView>) => standingOf({ ...VIEW, ...more }).word;
  expect(word({})).toBe("ready");
  expect(word({ speaking: true })).toBe("speaking");
  expect(word({ speaking: true, stale: true })).toBe("stale");
  expect(word({ held: "900", stale: true })).toBe("held back");
  expect(word({ matched: false, held: "900" })).toBe("unmatched");
  expect(standingOf({ ...VIEW, held: "900" }).meaning).toContain("900 USD");
});

it("compares no prices in different currencies", () => {
  expect(differenceOf({ price: "101", quote: "USD" }, ASSET)).toBeCloseTo(1);
  expect(differenceOf({ price: "101", quote: "USDT" }, ASSET)).toBeNull();
  expect(differenceOf({ price: "101", quote: "USD" }, { ...ASSET, price: null })).toBeNull();
});

it("tells how far apart those exchanges are that can be believed", () => {
  const sources = [
    VIEW,
    { ...VIEW, price: "99.5" },
    { ...VIEW, price: "101" },
    { ...VIEW, price: "150", stale: true },
    { ...VIEW, price: "160", matched: false },
    { ...VIEW, price: "170", held: "900" },
    { ...VIEW, price: "180", quote: "USDT" },
  ];
  const spread = spreadOf({ ...ASSET, sources });
  expect(spread?.percent).toBeCloseTo(1.5);
  expect(spread?.of).toBe(3);
  expect(spreadOf({ ...ASSET, sources: [VIEW] })).toBeNull();
  const median = { ...ASSET, sources, spread: 0.2, constituents: ["coincap", "kraken"] };
  expect(spreadOf(median)).toEqual({ percent: 0.2, of: 2 });
});

it("tells how long a price was on its way, be it less than nothing by the exchange's clock", () => {
  expect(lagOf(VIEW)).toBeNull();
  expect(lagOf({ ...VIEW, exchangeTime: "2026-01-01T00:00:09.800Z" })).toBe(200);
  expect([137, 1400, -20, 0].map(formatLag)).toEqual(["137 ms", "1.4 s", "−20 ms", "0 ms"]);
});

it("gives a difference its sign, unless there is none to be seen", () => {
  const texts = ["+0.031 %", "−1.200 %", "0.000 %"];
  expect([0.0312, -1.2, 0.0001].map(formatDifference)).toEqual(texts);
});

it("shows a price of the chart as the same price is shown elsewhere", () => {
  expect(formatNumber(0.2998)).toBe("0.2998");
  expect(formatNumber(0.00000012)).toBe("0.0000001200");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.integer({ min: 0, max: 12 }),
      (digits, decimals) => {
        const price = (BigInt(digits) * 10n ** BigInt(12 - decimals)).toString().padStart(13, "0");
        const decimal = `${price.slice(0, -12)}.${price.slice(-12)}`;
        const padded = formatPrice(`${decimal}000000`);
        expect(formatNumber(Number(decimal))).toBe(padded);
      },
    ),
  );
});

it("says where a price went, and in what time", () => {
  const said = (...prices: number[]) => {
    const known = trend(...prices);
    return known && describeTrend(known);
  };
  expect(said(100, 101)).toBe("up 1.00 % in 1 second");
  expect(said(...Array<number>(360).fill(100), 99.6)).toBe("down 0.40 % in 6 minutes");
  expect(said(NaN, 100, NaN, 100, NaN)).toBe("unchanged in 2 seconds");
  expect(said(NaN, 100)).toBe("just begun");
  expect(said(NaN)).toBeUndefined();
});

it("draws a flat history as a line in the middle, and a single price as a dot", () => {
  expect(pathOf(...Array<number>(61).fill(5))).toMatch(/^M2\.0 15\.0(L[\d.]+ 15\.0)+$/);
  expect(pathOf(5)).toBe("M102.0 15.0h0");
});

it("lifts the pen where the price was not live", () => {
  expect(pathOf(5, 5, NaN, NaN, 5, 5)?.match(/M/g)?.length).toBe(2);
  const withDot = pathOf(5, 5, NaN, 5, NaN, 5, 5);
  expect(withDot?.match(/M/g)?.length).toBe(3);
  expect(withDot).toContain("h0");
});
