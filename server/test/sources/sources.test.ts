import { describe, expect, it } from "vitest";
import { withEndpoints } from "../../src/config/endpoints.ts";
import { binance } from "../../src/sources/binance.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { coincap } from "../../src/sources/coincap.ts";
import { sourceOfUrl, sources } from "../../src/sources/index.ts";
import { isPrice } from "../../src/sources/reading.ts";

it.each([
  ["NaN"],
  ["0"],
  ["0.000"],
  ["-1"],
  ["+1"],
  ["1e5"],
  ["6.203e-05"],
  [""],
  [" 1"],
  ["1."],
  [".5"],
  ["0x10"],
  ["1,000"],
  ["Infinity"],
  ["9999999999999999"],
  [`0.${"0".repeat(60)}1`],
  [12],
  [null],
  [undefined],
])("takes %s for no price", (price) => {
  expect(isPrice(price)).toBe(false);
});

it.each([["97123.41"], ["0.00000012"], ["1"], ["81414.80000000"], ["999999999999999.9"]])(
  "takes %s for a price",
  (price) => {
    expect(isPrice(price)).toBe(true);
  },
);

describe("one bad price", () => {
  it("does not cost the good ones beside it (CoinCap)", () => {
    const event = coincap.read('{"bitcoin":"97123.41","ethereum":"NaN","tether":-1,"xrp":null}');
    expect(event).toMatchObject({
      kind: "ticks",
      ticks: [{ symbol: "bitcoin", price: "97123.41" }],
    });
    expect(event.kind === "ticks" && event.rejected.map(({ reason }) => reason)).toEqual([
      "bad_price",
      "bad_price",
      "bad_price",
    ]);
  });

  it("does not cost the good ones beside it (Binance)", () => {
    const event = binance.read('[{"s":"BTCUSDT","c":"1e5"},7,{"s":"ETHUSDT","c":"3700.00000000"}]');
    expect(event).toMatchObject({
      kind: "ticks",
      ticks: [{ symbol: "ETHUSDT", price: "3700.00000000" }],
    });
    expect(event.kind === "ticks" && event.rejected).toHaveLength(2);
  });
});

it("keeps price, exchange time and price of 24 hours ago as Binance wrote them", () => {
  const frame =
    '[{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.00250000","o":"0.00100000","h":"0.00250000","l":"0.00100000","v":"10000","q":"18"}]';
  expect(binance.read(frame)).toMatchObject({
    ticks: [{ symbol: "BNBBTC", price: "0.00250000", open24h: "0.00100000", time: 1672515782136 }],
  });
});

it("keeps the words of Binance's errors in both documented forms", () => {
  expect(binance.read('{"error":{"code":2,"msg":"Invalid request"},"id":2}')).toMatchObject({
    message: "Invalid request",
  });
  expect(
    binance.read('{"code":2,"msg":"Invalid request: property name must be a string"}'),
  ).toEqual({
    kind: "error",
    message: "Invalid request: property name must be a string",
    fatal: false,
  });
});

it("takes CoinCap's refusal of a key for fatal", () => {
  expect(coincap.read("Unauthorized")).toEqual({
    kind: "error",
    message: "Unauthorized",
    fatal: true,
  });
});

it("takes CoinCap's notice of shutdown for an error, not for prices", () => {
  const notice = '{"data":{"message":"We are deprecating this version"},"timestamp":1744796832910}';
  expect(coincap.read(notice)).toMatchObject({ kind: "error", fatal: true });
});

it("names the product that Coinbase refuses", () => {
  const refusal =
    '{"type":"error","message":"Failed to subscribe","reason":"NOPE-USD is not a valid product"}';
  expect(coinbase.read(refusal)).toMatchObject({
    symbols: ["NOPE-USD"],
    fatal: false,
  });
});

it("splits a Binance symbol at the longest quote it ends with", () => {
  expect(binance.listing.split("BTCFDUSD")).toEqual({
    symbol: "BTCFDUSD",
    base: "BTC",
    quote: "FDUSD",
  });
  expect(binance.listing.split("BTCUSDT")).toMatchObject({ base: "BTC", quote: "USDT" });
  expect(binance.listing.split("USDT")).toBeUndefined();
});

it("finds the source of a recording by its host, old names too", () => {
  expect(sourceOfUrl("wss://ws-feed.pro.coinbase.com", sources)).toBe(coinbase);
  expect(sourceOfUrl("wss://stream.binance.com:9443/stream?streams=a", sources)).toBe(binance);
  expect(sourceOfUrl("wss://example.com", sources)).toBeUndefined();
  expect(sourceOfUrl("(no address)", sources)).toBeUndefined();
});

it("finds the source of a recording by its address, where several share a host", () => {
  const { sources: moved } = withEndpoints(sources, [
    "binance=ws://127.0.0.1:8100/binance",
    "coinbase=ws://127.0.0.1:8100/coinbase",
    "coinbase-advanced=ws://127.0.0.1:8100/coinbase-advanced",
  ]);
  const found = (path: string) => sourceOfUrl(`ws://127.0.0.1:8100/${path}`, moved)?.name;
  expect(found("coinbase")).toBe("coinbase");
  expect(found("coinbase-advanced?x")).toBe("coinbase-advanced");
  expect(found("binance/ws/!miniTicker@arr")).toBe("binance");
});
