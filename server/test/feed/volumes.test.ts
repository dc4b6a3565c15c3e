import { expect, it } from "vitest";
import { factor } from "../../src/feed/price/convert.ts";
import { type Slot, volumeUsd } from "../../src/feed/price/market.ts";
import type { SourceView } from "../../src/feed/price/views.ts";
import { volumeOf } from "../../src/feed/price/volumes.ts";

const MINUTE = 60_000;

const view = (
  source: string,
  volume24hUsd?: number,
  more: Partial<SourceView> = {},
): SourceView => ({
  source,
  price: "100",
  quote: "USD",
  derived: undefined,
  receivedAt: 0,
  exchangeTime: undefined,
  stale: false,
  speaking: false,
  matched: true,
  held: undefined,
  volume24hUsd,
  ...more,
});

const slot = (more: Partial<Slot>): Slot => ({
  price: "200",
  quote: "USD",
  quoteRank: 0,
  rate: undefined,
  raw: 200,
  value: 200,
  receivedAt: 0,
  exchangeTime: undefined,
  sequence: undefined,
  open24h: undefined,
  change24h: undefined,
  baseVolume24h: undefined,
  quoteVolume24h: undefined,
  freshSince: 0,
  yielded: false,
  matched: true,
  ...more,
});

const marketOf = (source: string) => (source === "coinbase-advanced" ? "coinbase" : source);

it("of one exchange is in the quote as told, or else the base at the exchange's price", () => {
  expect(volumeUsd(slot({ baseVolume24h: "7", quoteVolume24h: "1000.5" }))).toBe(1000.5);
  expect(volumeUsd(slot({ baseVolume24h: "2.5" }))).toBe(500);
});

it("is unknown where the ticker does not tell it, or tells nonsense", () => {
  expect(volumeUsd(slot({}))).toBeUndefined();
  expect(volumeUsd(slot({ quoteVolume24h: "NaN" }))).toBeUndefined();
  expect(volumeUsd(slot({ quoteVolume24h: "-5" }))).toBeUndefined();
});

it("of a quote in USDT is converted at the live rate, and unknown without one: never a silent 1:1", () => {
  const inUsdt = { quote: "USDT", quoteRank: 1, quoteVolume24h: "1000" };
  const rate = { price: "0.9", factor: factor("0.9"), value: 0.9, receivedAt: 0 };
  expect(volumeUsd(slot({ ...inUsdt, rate }))).toBe(900);
  expect(volumeUsd(slot(inUsdt))).toBeUndefined();
});

it("counts a market once, by however many doors it is reached", () => {
  const views = [view("coinbase", 500), view("kraken", 200), view("coinbase-advanced", 501)];
  expect(volumeOf(views, marketOf, 0)).toEqual({ value: 700, sources: ["coinbase", "kraken"] });
});

it("is the sum over the exchanges that tell it", () => {
  const views = [view("binance", 1000.5), view("coincap"), view("coinbase", 500)];
  expect(volumeOf(views, marketOf, 0)).toEqual({ value: 1500.5, sources: ["binance", "coinbase"] });
});

it("leaves out an exchange where the symbol means another coin", () => {
  const views = [view("binance", 1000, { matched: false }), view("coinbase", 5)];
  expect(volumeOf(views, marketOf, 0)).toEqual({ value: 5, sources: ["coinbase"] });
});

it("leaves out what is older than a quarter of an hour, and is unknown when nothing is left", () => {
  const views = [view("binance", 1000), view("coinbase", 5, { receivedAt: 10 * MINUTE })];
  expect(volumeOf(views, marketOf, 15 * MINUTE)).toMatchObject({ value: 1005 });
  expect(volumeOf(views, marketOf, 16 * MINUTE)).toMatchObject({ value: 5 });
  expect(volumeOf(views, marketOf, 26 * MINUTE)).toBeUndefined();
  expect(volumeOf([], marketOf, 0)).toBeUndefined();
});
