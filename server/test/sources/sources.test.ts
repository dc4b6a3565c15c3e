import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binance } from "../../src/sources/binance.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { coincap } from "../../src/sources/coincap.ts";
import { sourceOfUrl, sources } from "../../src/sources/index.ts";
import { isPrice } from "../../src/sources/source.ts";
import { capture, capturedLines } from "../support/captures.ts";
import type { SourceCase } from "./case.ts";
import { bybitCase } from "./cases/bybit.ts";
import { kucoinCase } from "./cases/kucoin.ts";

const byKind = ({ documented }: SourceCase) =>
  Object.fromEntries(documented.map(({ kind, frame }) => [kind, frame]));

/** Frames as the documentation writes them. Sources: see the head of each adapter. */
const frames = {
  coincap: {
    ticks: '{"bitcoin":"6929.82","ethereum":"404.97"}',
    error: "Unauthorized: missing API key",
  },
  binance: {
    ticks:
      '[{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.00250000","o":"0.00100000","h":"0.00250000","l":"0.00100000","v":"10000","q":"18"}]',
    ack: '{"result":null,"id":1}',
    reconnect: '{"e":"serverShutdown","E":1770123456789}',
    error: '{"error":{"code":2,"msg":"Invalid request: unknown variant `SUBSCRIB`"},"id":2}',
  },
  coinbase: {
    ticks:
      '{"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79","low_24h":"1280.52","high_24h":"1313.8","volume_30d":"9788783.6","best_bid":"1285.04","best_bid_size":"0.46","best_ask":"1285.27","best_ask_size":"1.56","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"}',
    ack: '{"type":"subscriptions","channels":[{"name":"ticker_1000","product_ids":["BTC-USD"],"account_ids":null}]}',
    heartbeat:
      '{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}',
    error:
      '{"type":"error","message":"Failed to subscribe","reason":"NOPE-USD is not a valid product"}',
  },
  bybit: byKind(bybitCase),
  kucoin: byKind(kucoinCase),
};

describe.each(sources.filter(({ name }) => name in frames))("$name", (source) => {
  const documented = Object.entries(frames[source.name as keyof typeof frames]);

  it.each(documented)("names the documented %s frame", (kind, frame) => {
    expect(source.read(frame).kind).toBe(kind);
  });

  it("never throws, whatever the frame, and never lets through what is no price", () => {
    const mutated = fc
      .tuple(fc.constantFrom(...documented.map(([, frame]) => frame)), fc.nat(), fc.string())
      .map(
        ([frame, at, text]) =>
          frame.slice(0, at % frame.length) + text + frame.slice((at % frame.length) + 1),
      );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (frame) => {
        const event = source.read(frame);
        if (event.kind === "ticks")
          expect(event.ticks.every(({ price }) => isPrice(price))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("subscribes to what it is told, at the endpoint it is given", () => {
    const endpoint = { ws: "ws://127.0.0.1:1", rest: "http://127.0.0.1:1" };
    const { url } = source.connect({
      endpoint,
      key: "a key",
      symbols: ["X-USD"],
      selected: false,
      ticket: undefined,
    });
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:1/);
  });

  it("says what is wrong with an instrument list that is none", () => {
    expect(() => source.listing.read({ data: { message: "We are deprecating" } })).toThrow(/array/);
  });
});

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
  expect(binance.read(frames.binance.ticks)).toMatchObject({
    ticks: [{ symbol: "BNBBTC", price: "0.00250000", open24h: "0.00100000", time: 1672515782136 }],
  });
});

it("reads Binance's combined form like the raw one", () => {
  const combined = `{"stream":"!miniTicker@arr","data":${frames.binance.ticks}}`;
  expect(binance.read(combined)).toEqual(binance.read(frames.binance.ticks));
  expect(
    binance.read('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}').kind,
  ).toBe("reconnect");
});

it("takes both documented forms of Binance's errors", () => {
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
  expect(coinbase.read(frames.coinbase.error)).toMatchObject({
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
  expect(sourceOfUrl("wss://ws-feed.pro.coinbase.com")).toBe(coinbase);
  expect(sourceOfUrl("wss://stream.binance.com:9443/stream?streams=a")).toBe(binance);
  expect(sourceOfUrl("wss://example.com")).toBeUndefined();
  expect(sourceOfUrl("(no address)")).toBeUndefined();
});

const captured = { coinbase: capture("COINBASE"), binance: capture("BINANCE") };

describe.skipIf(!captured.coinbase.exists)("Coinbase as captured in 2021", () => {
  const lines = captured.coinbase.exists
    ? capturedLines(captured.coinbase.file).filter(({ dir }) => dir === "in")
    : [];

  it("gives a tick for each ticker, equal to the raw text, and a name to every other frame", () => {
    for (const { raw } of lines) {
      const event = coinbase.read(raw);
      const { type, product_id: symbol, price, time } = JSON.parse(raw);
      if (type === "ticker") {
        expect(event).toMatchObject({
          kind: "ticks",
          ticks: [{ symbol, price, time: Date.parse(time) }],
        });
      } else expect(["ack", "ignored"]).toContain(event.kind);
    }
    expect(lines.length).toBe(217);
  });
});

describe.skipIf(!captured.binance.exists)("Binance as captured in 2021", () => {
  it("names every frame; none is a mini ticker", () => {
    const lines = capturedLines(captured.binance.file).filter(({ dir }) => dir === "in");
    const kinds = new Set(lines.map(({ raw }) => binance.read(raw).kind));
    expect(kinds).toEqual(new Set(["ignored"]));
  });
});
