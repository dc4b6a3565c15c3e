import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssetPrice, PricesResponse } from "@cryptovault/price-stream/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { manualClock } from "../src/clock.ts";
import { type RestFault, startEmulator } from "../src/emulator/emulator.ts";
import { createFeed } from "../src/feed/feed.ts";
import { createConnectBudgets } from "../src/feed/link/budget.ts";
import { type Rest, RestError } from "../src/feed/link/rest.ts";
import { inspectRecording } from "../src/feed/recording/recording.ts";
import { type Gateway, startGateway } from "../src/gateway.ts";
import { bundledAssets } from "../src/sources/assets.ts";
import { binance } from "../src/sources/binance.ts";
import { coinbase } from "../src/sources/coinbase.ts";
import { coincap } from "../src/sources/coincap.ts";
import type { Quote } from "../src/types.ts";
import { until } from "./support/client.ts";
import { fakeDial } from "./support/dial.ts";
import { PRIORITY, QUICK, silentLog } from "./support/gateway.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A gateway without CoinCap, so that only CoinGecko and the tickers tell of assets. */
async function start(fault?: RestFault): Promise<{ gateway: Gateway; quotes: Quote[] }> {
  const emulator = await startEmulator({ assets: 500, tickMs: 250 });
  closers.push(() => emulator.close());
  if (fault) emulator.coingecko.break(fault);
  const { endpoints } = emulator;
  const quotes: Quote[] = [];
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "demo", control: emulator.url },
    sources: [
      { source: binance, endpoint: endpoints.binance, key: undefined },
      { source: coinbase, endpoint: endpoints.coinbase, key: undefined },
    ],
    coingecko: { rest: emulator.coingecko.rest, key: undefined },
    pricing: PRIORITY,
    timing: QUICK,
    log: silentLog,
    onQuote: (quote) => quotes.push({ ...quote }),
  });
  closers.push(() => gateway.close());
  return { gateway, quotes };
}

async function get<Body = AssetPrice>({ port }: Gateway, path: string): Promise<Body> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return JSON.parse(await response.text());
}

const coingecko = (gateway: Gateway) =>
  gateway.health().metadata.find(({ name }) => name === "coingecko");

describe("with CoinGecko", () => {
  it("tells rank, market cap and volume of an asset, and who says so", async () => {
    const { gateway } = await start();
    await until(() => coingecko(gateway)?.state === "ok");
    await until(() => gateway.health().book.fresh > 100);
    const bitcoin = await get(gateway, "/api/prices/BTC");
    expect(bitcoin).toMatchObject({
      demo: true,
      rank: 1,
      rankSource: "coingecko",
      marketCapSource: "coingecko",
      volumeSources: ["coingecko"],
    });
    expect(bitcoin.marketCapUsd).toBeGreaterThan(1e12);
    expect(await get(gateway, "/api/prices/XRP")).toMatchObject({ marketCapSource: "coingecko" });
    const { assets } = await get<PricesResponse>(gateway, "/api/prices");
    const ranks = assets.map(({ rank }) => rank ?? Infinity);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(coingecko(gateway)?.assets).toBeGreaterThan(200);
  });
});

it("tells its own change over 24 h where nobody else does, in the time of a replay", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "day-")), "recording.jsonl");
  const minutes = Array.from({ length: 151 }, (_, n) => n * 10);
  const lines = minutes.map((minute) =>
    JSON.stringify({
      t: 1_700_000_000 + minute * 60,
      dir: "in",
      url: "wss://wss.coincap.io/prices",
      raw: `{"bitcoin":"${100 + (minute >= 1440 ? 10 : 0)}"}`,
    }),
  );
  writeFileSync(file, lines.join("\n"));
  const contents = await inspectRecording(file, [coincap]);
  const quotes: Quote[] = [];
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "replay", file, speed: 1_000_000, loop: false, contents },
    sources: [{ source: coincap, endpoint: coincap.facts.endpoint, key: undefined }],
    pricing: PRIORITY,
    timing: QUICK,
    log: silentLog,
    onQuote: (quote) => quotes.push({ ...quote }),
  });
  closers.push(() => gateway.close());
  await until(() => quotes.length === lines.length, 10_000);
  const changes = quotes.map(({ change24h }) => change24h);
  expect(changes.slice(0, 145)).toEqual(Array(145).fill(undefined));
  expect(changes.at(-1)).toBe(10);
});

const faults: RestFault[] = [
  { name: "hang" },
  { name: "garbage" },
  { name: "error" },
  { name: "limited", seconds: 60 },
];

describe.each(faults)("while CoinGecko's answer is: $name", (fault) => {
  it("prices flow all the same, with the exchanges' own volumes", async () => {
    const startedAt = Date.now();
    const { gateway, quotes } = await start(fault);
    await until(() => quotes.length > 100, 2000);
    expect(Date.now() - startedAt).toBeLessThan(3000);
    await until(() => gateway.health().sources.every(({ prices }) => prices > 100));
    const bitcoin = await get(gateway, "/api/prices/BTC");
    expect(bitcoin).toMatchObject({ stale: false, rankSource: "list", marketCapUsd: null });
    expect(bitcoin.volumeSources).toEqual(["binance", "coinbase"]);
    expect(bitcoin.volume24hUsd).toBeGreaterThan(1e9);
    if (fault.name !== "hang") await until(() => coingecko(gateway)?.state === "failing");
    expect(gateway.health().reasons.join()).not.toContain("coingecko");
  });
});

const answers: [string, Rest][] = [
  ["hangs", () => new Promise(() => {})],
  ["is garbage", async () => ({ body: "<html>", unchanged: false, etag: undefined })],
  ["is a 500", () => Promise.reject(new RestError("HTTP 500"))],
  ["is a 429", () => Promise.reject(new RestError("HTTP 429", 429, 60_000))],
];

it.each(answers)("a price of CoinCap's enters at once when its list %s", async (_, rest) => {
  const clock = manualClock(0);
  const { dial, calls } = fakeDial();
  const quotes: Quote[] = [];
  const feed = createFeed({
    sources: [{ source: coincap, endpoint: coincap.facts.endpoint, key: "key" }],
    assets: bundledAssets,
    pricing: PRIORITY,
    timing: QUICK,
    network: { dial, rest, budgets: createConnectBudgets() },
    clock,
    random: Math.random,
    log: silentLog,
    publish: (quote) => quotes.push(quote),
    listedChange: () => undefined,
    figures: () => {},
  });
  feed.start();
  await new Promise((resolve) => setImmediate(resolve));
  calls[0]?.events.opened();
  calls[0]?.events.text('{"bitcoin":"97123.41"}');
  expect(quotes).toMatchObject([{ asset: "bitcoin", price: "97123.41" }]);
  expect(feed.lists()).toMatchObject([{ name: "coincap" }]);
  feed.stop();
});
