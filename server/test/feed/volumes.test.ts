import { beforeEach, expect, it } from "vitest";
import type { SourceView } from "../../src/feed/views.ts";
import { createVolumes, type Volumes } from "../../src/feed/volumes.ts";

const MINUTE = 60_000;

let volumes: Volumes;
beforeEach(() => {
  volumes = createVolumes();
});

const tick = (source: string, volume: { base?: string; quote?: string }, now = 0) =>
  volumes.tick(
    source,
    "bitcoin",
    {
      symbol: "BTC",
      price: "1",
      ...(volume.base ? { baseVolume24h: volume.base } : {}),
      ...(volume.quote ? { quoteVolume24h: volume.quote } : {}),
    },
    now,
  );

const view = (source: string, price = "100", matched = true) =>
  ({ source, price, matched, quote: "USD", receivedAt: 0, speaking: false }) as SourceView;

it("is the sum over the exchanges, in the quote as told or else the base at the exchange's price", () => {
  tick("binance", { base: "7", quote: "1000.5" });
  tick("coinbase", { base: "2.5" });
  expect(volumes.of("bitcoin", [view("binance"), view("coinbase", "200")], 0)).toEqual({
    value: 1500.5,
    sources: ["binance", "coinbase"],
  });
});

it("counts each exchange once, by its last ticker", () => {
  tick("binance", { quote: "1000" });
  tick("binance", { quote: "1001" });
  expect(volumes.of("bitcoin", [view("binance")], 0)).toMatchObject({ value: 1001 });
});

it("leaves out an exchange where the symbol means another coin", () => {
  tick("binance", { quote: "1000" });
  tick("coinbase", { quote: "5" });
  const views = [view("binance", "3", false), view("coinbase")];
  expect(volumes.of("bitcoin", views, 0)).toEqual({ value: 5, sources: ["coinbase"] });
});

it("leaves out what is older than a quarter of an hour, and is unknown when nothing is left", () => {
  tick("binance", { quote: "1000" }, 0);
  tick("coinbase", { quote: "5" }, 10 * MINUTE);
  const views = [view("binance"), view("coinbase")];
  expect(volumes.of("bitcoin", views, 15 * MINUTE)).toMatchObject({ value: 1005 });
  expect(volumes.of("bitcoin", views, 16 * MINUTE)).toMatchObject({ value: 5 });
  expect(volumes.of("bitcoin", views, 26 * MINUTE)).toBeUndefined();
});

it("is unknown where no ticker tells it, or tells nonsense", () => {
  tick("coincap", {});
  tick("binance", { quote: "NaN" });
  tick("coinbase", { quote: "-5" });
  const views = [view("coincap"), view("binance"), view("coinbase")];
  expect(volumes.of("bitcoin", views, 0)).toBeUndefined();
  expect(volumes.of("ethereum", [], 0)).toBeUndefined();
});
