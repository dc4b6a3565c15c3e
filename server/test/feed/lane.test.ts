import { describe, expect, it, onTestFinished } from "vitest";
import { manualClock } from "../../src/clock.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { createConnectBudgets } from "../../src/feed/link/budget.ts";
import { type Rest, RestError } from "../../src/feed/link/rest.ts";
import { binance } from "../../src/sources/binance.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { coincap } from "../../src/sources/coincap.ts";
import type { Source } from "../../src/sources/source.ts";
import type { Asset, Quote } from "../../src/types.ts";
import { type Call, fakeDial } from "../support/dial.ts";
import { PRIORITY, recordedLog } from "../support/gateway.ts";
import { TIMING, turn } from "../support/runner.ts";

const asset = (id: string, symbol: string, rank: number): Asset => ({ id, symbol, name: id, rank });

const KNOWN = [
  asset("bitcoin", "BTC", 1),
  asset("ethereum", "ETH", 2),
  asset("tether", "USDT", 3),
  asset("usd-coin", "USDC", 4),
  asset("solana", "SOL", 5),
];

const listOf = (assets: readonly Asset[]) => ({
  symbols: assets.map(({ symbol }) => ({
    symbol: `${symbol}USDT`,
    status: "TRADING",
    baseAsset: symbol,
    quoteAsset: "USDT",
  })),
});

const offline: Rest = () => Promise.reject(new RestError("offline"));

/** An exchange that answers every request with `body`. */
const answering =
  (body: unknown): Rest =>
  async () => ({ body, unchanged: false, etag: undefined });

async function startFeed(
  source: Source,
  {
    chosen,
    assets = KNOWN,
    rest = offline,
  }: { chosen?: string[]; assets?: Asset[]; rest?: Rest } = {},
) {
  const clock = manualClock(Date.parse("2026-11-24T12:00:00Z"));
  const { dial, calls } = fakeDial();
  const { log, messages } = recordedLog();
  const quotes: Quote[] = [];
  const feed = createFeed({
    sources: [{ source, endpoint: source.facts.endpoint, key: "key" }],
    assets,
    chosen,
    pricing: PRIORITY,
    timing: { ...TIMING, staleAfterMs: 60_000, failoverAfterMs: 30_000, holdMs: 30_000 },
    network: { dial, rest, budgets: createConnectBudgets() },
    clock,
    random: () => 0.5,
    log,
    publish: (quote) => quotes.push(quote),
    listedChange: () => undefined,
    figures: () => {},
  });
  feed.start();
  onTestFinished(() => feed.stop());
  await turn();
  return {
    feed,
    calls,
    messages,
    quotes,
    health() {
      const [health] = feed.health().sources;
      if (!health) throw new Error("no source");
      return health;
    },
    async wait(ms: number) {
      clock.advanceTo(clock.now() + ms);
      await turn();
    },
  };
}

/** The streams that a connection to Binance has subscribed to. */
const streams = ({ sent }: Call): string[] =>
  sent.flatMap((frame): string[] => JSON.parse(frame).params);

const miniTicker = (symbol: string, price: string) =>
  JSON.stringify({ e: "24hrMiniTicker", s: symbol, c: price, o: price });

describe("chosen assets", () => {
  it("are all that is subscribed to, with the pulse and what converts stablecoins (Binance)", async () => {
    const { calls } = await startFeed(binance, { chosen: ["SOL"] });
    expect(calls[0]?.url).toBe("wss://stream.binance.com:9443/stream");
    calls[0]?.events.opened();
    const [call] = calls;
    expect(call && streams(call)).toEqual([
      "btcusdt@miniTicker",
      "solusdt@miniTicker",
      "usdcusdt@miniTicker",
    ]);
  });

  it("are all that is subscribed to (Coinbase, CoinCap)", async () => {
    const products = [
      { id: "SOL-USD", base_currency: "SOL", quote_currency: "USD", status: "online" },
      { id: "ETH-USD", base_currency: "ETH", quote_currency: "USD", status: "online" },
      { id: "BTC-USD", base_currency: "BTC", quote_currency: "USD", status: "online" },
    ];
    const fromCoinbase = await startFeed(coinbase, {
      chosen: ["solana"],
      rest: answering(products),
    });
    fromCoinbase.calls[0]?.events.opened();
    expect(fromCoinbase.calls[0]?.sent[0]).toContain('"product_ids":["BTC-USD","SOL-USD"]');
    const fromCoincap = await startFeed(coincap, { chosen: ["solana"] });
    expect(fromCoincap.calls[0]?.url).toBe(
      "wss://wss.coincap.io/prices?assets=bitcoin,tether,usd-coin,solana&apiKey=key",
    );
  });

  it("are all that is served, though others keep the link alive", async () => {
    const { calls, quotes, feed, health } = await startFeed(binance, { chosen: ["solana"] });
    calls[0]?.events.opened();
    calls[0]?.events.text(miniTicker("BTCUSDT", "97123.41"));
    expect(health().state).toBe("live");
    expect(quotes).toEqual([]);
    calls[0]?.events.text(miniTicker("SOLUSDT", "180.25"));
    expect(quotes.map(({ asset }) => asset)).toEqual(["solana"]);
    expect([feed.find("SOL")?.id, feed.find("BTC")]).toEqual(["solana", undefined]);
  });

  it("that nobody knows are named in the log, and served once a list has them", async () => {
    const rows = [{ id: "newcoin", symbol: "NEW", name: "New", rank: "900" }];
    const { calls, messages, quotes } = await startFeed(coincap, {
      chosen: ["NEW"],
      rest: answering({ data: rows }),
    });
    expect(messages.join()).toContain("Unknown assets are chosen: NEW;");
    calls[0]?.events.opened();
    calls[0]?.events.text('{"newcoin":"0.5"}');
    expect(quotes.map(({ asset }) => asset)).toEqual(["newcoin"]);
  });

  it("left open, are all that the exchange sends on one connection", async () => {
    const { calls } = await startFeed(binance);
    expect(calls.map(({ url }) => url)).toEqual([
      "wss://stream.binance.com:9443/ws/!miniTicker@arr",
    ]);
  });
});

describe("more symbols than one connection may hold", () => {
  const many = [
    ...KNOWN,
    ...Array.from({ length: 1500 }, (_, n) => asset(`coin-${n}`, `C${n}`, 10 + n)),
  ];
  const split = async () => {
    const started = await startFeed(binance, {
      assets: many,
      chosen: many.map(({ id }) => id),
      rest: answering(listOf(many.filter(({ id }) => id !== "tether"))),
    });
    await turn();
    const [first, second] = started.calls;
    if (!first || !second) throw new Error("no two connections");
    return { ...started, first, second };
  };

  it("are spread over several, each within the exchange's limits", async () => {
    const { calls, first, second, wait } = await split();
    expect(calls).toHaveLength(2);
    for (const { events } of calls) events.opened();
    expect(first.sent).toHaveLength(2);
    for (let s = 0; s < 8; s++) {
      for (const { events } of calls) events.text(miniTicker("BTCUSDT", "97123.41"));
      await wait(1000);
    }
    expect([streams(first).length, streams(second).length]).toEqual([1024, 481]);
    expect(new Set([...streams(first), ...streams(second)]).size).toBe(1504);
    expect(streams(second)).toContain("btcusdt@miniTicker");
  });

  it("make the source as healthy as the worst of its connections", async () => {
    const { calls, first, second, health, wait } = await split();
    for (const { events } of [first, second]) events.opened();
    first.events.text(miniTicker("BTCUSDT", "97123.41"));
    expect(health()).toMatchObject({
      state: "open",
      stateReason: "connection 2 of 2: connected, no price yet",
      connections: 2,
      dataAgeMs: null,
    });
    second.events.text(miniTicker("BTCUSDT", "97123.42"));
    await wait(5000);
    first.events.text(miniTicker("BTCUSDT", "97123.43"));
    expect(health()).toMatchObject({ state: "live", dataAgeMs: 5000 });
    await wait(5000);
    expect(health()).toMatchObject({
      state: "down",
      stateReason: "connection 2 of 2: connected, but no price for 10 s",
      dataAgeMs: 10_000,
    });
    await wait(1000);
    calls[2]?.events.refused(451, undefined);
    expect(health()).toMatchObject({ state: "fatal", standing: "speaking" });
    first.events.closed("cut");
    await wait(2000);
    calls[3]?.events.refused(451, undefined);
    expect(health().standing).toBe("lost");
  });

  it("end with the source", async () => {
    const { feed, calls, wait } = await split();
    feed.stop();
    await wait(600_000);
    expect(calls.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});

it("leaves a refused symbol out of the next connection", async () => {
  const { calls, wait } = await startFeed(coinbase);
  calls[0]?.events.opened();
  expect(calls[0]?.sent[0]).toContain("SOL-USD");
  const reason = "SOL-USD is not a valid product";
  calls[0]?.events.text(JSON.stringify({ type: "error", message: "Failed to subscribe", reason }));
  await wait(1000);
  calls[1]?.events.opened();
  expect(calls[1]?.sent[0]).not.toContain("SOL-USD");
  expect(calls[1]?.sent[0]).toContain("ETH-USD");
});

it("logs what an exchange says is wrong at a bounded rate, however often it says it", async () => {
  const { calls, wait, messages, health } = await startFeed(coinbase);
  calls[0]?.events.opened();
  const told = () => messages.filter((message) => message.startsWith("Error from coinbase")).length;
  const complain = () =>
    calls.at(-1)?.events.text('{"type":"error","message":"Failed","reason":"try again"}');
  for (let i = 0; i < 500; i++) complain();
  expect(told()).toBe(1);
  expect(health().frames).toMatchObject({ error: 500 });
  await wait(15_000);
  calls.at(-1)?.events.opened();
  complain();
  expect(told()).toBe(2);
});

it("asks for the instrument list again only when a 429 allows it, and goes on without", async () => {
  let asked = 0;
  const { calls, wait, messages } = await startFeed(binance, {
    rest: async () => {
      asked++;
      throw new RestError("HTTP 429", 429, 300_000);
    },
  });
  expect(messages.join()).toContain("No list from binance");
  for (let minute = 0; minute < 5; minute++) {
    calls.at(-1)?.events.closed("cut");
    await wait(59_000);
  }
  expect([asked, calls.length > 4]).toEqual([1, true]);
  for (let minute = 0; minute < 2; minute++) {
    calls.at(-1)?.events.closed("cut");
    await wait(60_000);
  }
  expect(asked).toBe(2);
});
