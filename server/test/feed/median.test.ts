import { beforeEach, describe, expect, it } from "vitest";
import { createFailover, type Failover } from "../../src/feed/failover.ts";
import { createQuotes, type Quotes } from "../../src/feed/price/quotes.ts";
import type { Quote, Tick } from "../../src/types.ts";

const STALE_MS = 60_000;
const NAMES = ["coincap", "binance", "coinbase", "kraken", "okx", "coinbase-advanced"];
const [COINCAP, BINANCE, COINBASE, KRAKEN, OKX, COINBASE_ADVANCED] = [0, 1, 2, 3, 4, 5];

let published: Quote[];
let failover: Failover;
let quotes: Quotes;

beforeEach(() => {
  published = [];
  const timing = { failoverAfterMs: 30_000, holdMs: 20_000 };
  failover = createFailover(NAMES, timing, 0, () => {});
  quotes = createQuotes({
    policy: "median",
    minSources: 2,
    sources: NAMES.map((name) => ({
      name,
      naming: name === "coincap" ? "id" : "symbol",
      market: name === "coinbase-advanced" ? "coinbase" : name,
    })),
    failover,
    staleAfterMs: STALE_MS,
    listedChange: () => undefined,
    publish: (quote) => published.push(quote),
  });
});

/** A price in USD, from a link that brings data. */
function tick(source: number, price: string, now: number, more: Partial<Tick> = {}) {
  return tickOf({ asset: "bitcoin", quote: "USD", quoteRank: 0 }, source, price, now, more);
}

function tickOf(
  mapping: { asset: string; quote: string; quoteRank: number },
  source: number,
  price: string,
  now: number,
  more: Partial<Tick> = {},
) {
  failover.data(source, now);
  return quotes.tick(source, mapping, { symbol: "BTC", price, ...more }, now);
}

const inUsdt = { asset: "bitcoin", quote: "USDT", quoteRank: 1 };
const last = () => published.at(-1);

describe("the median", () => {
  it("of three is the price in the middle as its exchange wrote it, with its times and the spread", () => {
    tick(COINBASE, "100.10", 10);
    tick(BINANCE, "99.9000", 20, { time: 15 });
    tick(KRAKEN, "100.0", 30, { time: 25 });
    expect(last()).toMatchObject({
      price: "100.0",
      quote: "USD",
      source: "median",
      constituents: ["binance", "coinbase", "kraken"],
      spread: 0.2,
      thin: false,
      receivedAt: 30,
      exchangeTime: 25,
    });
  });

  it("of two is the number halfway between, to the last digit, and as old as the older one", () => {
    tick(BINANCE, "0.00000012", 10);
    tick(COINBASE, "0.00000013", 20);
    expect(last()).toMatchObject({ price: "0.000000125", receivedAt: 10 });
  });

  it("of one source is flagged as thin, until another agrees", () => {
    tick(BINANCE, "100", 10);
    expect(last()).toMatchObject({
      price: "100",
      constituents: ["binance"],
      thin: true,
      spread: 0,
    });
    tick(COINBASE, "100", 20);
    expect(last()).toMatchObject({ thin: false });
  });

  it("leaves an outlier out, though it is no absurd price, and takes it in when it is back", () => {
    for (const source of [BINANCE, COINBASE, KRAKEN, OKX]) tick(source, "100", 10);
    tick(OKX, "103", 20);
    expect(last()).toMatchObject({ constituents: ["binance", "coinbase", "kraken"], spread: 0 });
    expect(quotes.views("bitcoin", 20).map(({ speaking }) => speaking)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    tick(OKX, "100.2", 30);
    expect(last()?.constituents).toContain("okx");
  });

  it("takes fresh prices only: a source drops out when it goes stale, without any tick", () => {
    tick(COINCAP, "100.2", 0);
    tick(BINANCE, "100", 50_000);
    tick(COINBASE, "101", 50_000);
    expect(last()?.constituents).toContain("coincap");
    quotes.sweep(STALE_MS + 1);
    expect(last()).toMatchObject({ price: "100.5", constituents: ["binance", "coinbase"] });
  });

  it("takes no price of a source that was lost, fresh as it may be", () => {
    tick(BINANCE, "100", 10);
    tick(COINBASE, "101", 20);
    failover.fatal(BINANCE, "451");
    quotes.sweep(30);
    expect(last()).toMatchObject({ price: "101", constituents: ["coinbase"], thin: true });
  });

  it("counts one market once, by whichever of its doors is fresh and preferred", () => {
    tick(BINANCE, "100", 10);
    tick(COINBASE_ADVANCED, "101.2", 20);
    tick(COINBASE, "101", 30);
    expect(last()).toMatchObject({ price: "100.5", constituents: ["binance", "coinbase"] });
    failover.fatal(COINBASE, "451");
    quotes.sweep(40);
    expect(last()).toMatchObject({ constituents: ["binance", "coinbase-advanced"] });
  });

  it("does not publish again while nothing changes", () => {
    tick(BINANCE, "100", 10);
    tick(COINBASE, "101", 20);
    const before = published.length;
    for (let now = 30; now < 1000; now += 250) quotes.sweep(now);
    expect(published).toHaveLength(before);
  });

  it("takes converted prices among those in USD, and says so where one is in the middle", () => {
    tickOf({ asset: "tether", quote: "USD", quoteRank: 0 }, COINBASE, "0.9990", 0);
    tickOf(inUsdt, BINANCE, "100.000", 10);
    tick(COINBASE, "100.1", 20);
    tick(KRAKEN, "99.8", 30);
    expect(last()).toMatchObject({
      price: "99.9",
      quote: "USD",
      derived: { price: "100.000", quote: "USDT", rate: "0.9990" },
    });
  });

  it("never mixes currencies: without a rate, prices in USDT count only where there is none in USD", () => {
    tickOf(inUsdt, BINANCE, "100", 10);
    tickOf(inUsdt, OKX, "102", 20);
    expect(last()).toMatchObject({ price: "101", quote: "USDT", constituents: ["binance", "okx"] });
    tick(KRAKEN, "99", 30);
    expect(last()).toMatchObject({ price: "99", quote: "USD", constituents: ["kraken"] });
  });
});
