import { beforeEach, describe, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../../src/clock.ts";
import type { RestAnswer, RestRequest } from "../../src/feed/link/rest.ts";
import type { CoingeckoAccess } from "../../src/metadata/coingecko.ts";
import { createMetadata, type Metadata } from "../../src/metadata/metadata.ts";
import type { Asset, Figures, Stated } from "../../src/types.ts";
import { silentLog } from "../support/gateway.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const assets: Asset[] = [
  { id: "bitcoin", symbol: "BTC", name: "Bitcoin", rank: 3 },
  { id: "toncoin", symbol: "TON", name: "Toncoin", rank: 15 },
  { id: "nobody", symbol: "NOB", name: "Nobody", rank: Number.MAX_SAFE_INTEGER },
];

let clock: ManualClock;
let rows: unknown[];
let etag: string | undefined;
let asked: RestRequest[];
let prices: Record<string, number>;
let volume: Stated | undefined;
let metadata: Metadata;

beforeEach(() => {
  clock = manualClock(0);
  rows = [coin("bitcoin", "btc", 100), coin("the-open-network", "ton", 5)];
  etag = undefined;
  asked = [];
  prices = { bitcoin: 101, toncoin: 5.1 };
  volume = undefined;
  metadata = create({ rest: "http://coingecko", key: "a key" });
});

function create(coingecko: CoingeckoAccess | undefined): Metadata {
  return createMetadata({
    coingecko,
    rest: async (request): Promise<RestAnswer> => {
      asked.push(request);
      const page = new URL(request.url).searchParams.get("page");
      if (etag && request.headers?.["if-none-match"] === etag) {
        return { body: undefined, unchanged: true, etag };
      }
      return { body: page === "1" ? rows : [], unchanged: false, etag };
    },
    clock,
    random: () => 0,
    log: silentLog,
    assets: () => assets,
    asset: (id) => assets.find((asset) => asset.id === id),
    price: (id) => prices[id],
    volume: () => volume,
    lists: () => [
      { name: "coincap", state: "ok", failure: null, answerAgeMs: 0, nextTryMs: 3_600_000 },
    ],
  });
}

function coin(id: string, symbol: string, price: number) {
  return {
    id,
    symbol,
    current_price: price,
    market_cap: price * 1000,
    market_cap_rank: 2,
    total_volume: price * 10,
    price_change_percentage_24h: 1.5,
  };
}

const figures = (more: Partial<Figures> = {}): Figures => ({
  rank: 1,
  change24h: -2,
  volume24hUsd: 77,
  marketCapUsd: 88,
  ...more,
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function start() {
  metadata.start();
  await turn();
}

/** Moves on, with time for answers. */
async function wait(ms: number) {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    clock.advanceTo(Math.min(end, clock.now() + 15_000));
    await turn();
  }
}

describe("what is told of an asset", () => {
  it("comes from a source's own list first, figure by figure", async () => {
    await start();
    metadata.list("coincap", new Map([["bitcoin", figures({ marketCapUsd: undefined })]]));
    expect(metadata.of("bitcoin")).toEqual({
      rank: { value: 1, sources: ["coincap"] },
      volume24hUsd: { value: 77, sources: ["coincap"] },
      marketCapUsd: { value: 100_000, sources: ["coingecko"] },
    });
    expect(metadata.change24h("bitcoin")).toBe(-2);
    expect(metadata.change24h("toncoin")).toBe(1.5);
  });

  it("is the exchanges' volume, the list's rank and no capitalisation where no API answers", () => {
    volume = { value: 9, sources: ["binance", "coinbase"] };
    expect(metadata.of("bitcoin")).toEqual({
      rank: { value: 3, sources: ["list"] },
      volume24hUsd: volume,
      marketCapUsd: undefined,
    });
    expect(metadata.of("nobody").rank).toBeUndefined();
    expect(metadata.change24h("bitcoin")).toBeUndefined();
  });

  it("is never another coin's: a price that denies the match costs every figure of it", async () => {
    prices = { bitcoin: 130, toncoin: 2 };
    await start();
    expect(metadata.of("bitcoin").marketCapUsd).toBeUndefined();
    expect(metadata.of("toncoin").marketCapUsd).toBeUndefined();
    expect(metadata.change24h("bitcoin")).toBeUndefined();
    prices = {};
    await wait(MINUTE);
    expect(metadata.of("bitcoin").marketCapUsd?.value).toBe(100_000);
    expect(metadata.of("toncoin").marketCapUsd).toBeUndefined();
  });

  it("is dropped when the API has been silent for more than two hours", async () => {
    await start();
    metadata.list("coincap", new Map([["bitcoin", figures()]]));
    metadata.stop();
    await wait(2 * HOUR);
    expect(metadata.of("bitcoin").marketCapUsd?.value).toBe(88);
    expect(metadata.change24h("toncoin")).toBe(1.5);
    await wait(MINUTE);
    expect(metadata.of("bitcoin").marketCapUsd).toBeUndefined();
    expect(metadata.change24h("bitcoin")).toBeUndefined();
    expect(metadata.change24h("toncoin")).toBeUndefined();
  });

  it("lives on as long as the API says that it holds (304)", async () => {
    etag = 'W/"1"';
    await start();
    rows = [];
    await wait(6 * HOUR);
    expect(asked.length).toBeGreaterThan(40);
    expect(metadata.of("bitcoin").marketCapUsd?.value).toBe(100_000);
  });

  it("changes at most once a minute, but is told as soon as it is known", async () => {
    volume = { value: 9, sources: ["binance"] };
    expect(metadata.of("bitcoin").marketCapUsd).toBeUndefined();
    await start();
    volume = { value: 10, sources: ["binance"] };
    expect(metadata.of("bitcoin")).toMatchObject({
      marketCapUsd: { value: 100_000 },
      volume24hUsd: { value: 9 },
    });
    metadata.list("coincap", new Map([["bitcoin", figures()]]));
    await wait(MINUTE - 1);
    expect(metadata.of("bitcoin")).toMatchObject({ marketCapUsd: { value: 100_000 } });
    await wait(1);
    expect(metadata.of("bitcoin")).toMatchObject({ marketCapUsd: { value: 88 } });
  });
});

describe("CoinGecko", () => {
  it("is asked for the 1,000 largest coins with the key in a header, and within the free plan", async () => {
    await start();
    await wait(MINUTE);
    expect(asked.map(({ url }) => new URL(url).searchParams.get("page"))).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
    for (const { url, headers } of asked) {
      expect(url).toMatch(/^http:\/\/coingecko\/api\/v3\/coins\/markets\?vs_currency=usd&/);
      expect(url).not.toContain("key");
      expect(headers).toMatchObject({ "x-cg-demo-api-key": "a key" });
    }
    await wait(24 * HOUR - MINUTE);
    expect(asked.length * 31).toBeLessThan(10_000);
  });

  it("shows in /health how it is, and of how many assets it tells", async () => {
    await start();
    metadata.list("coincap", new Map([["bitcoin", figures()]]));
    expect(metadata.health()).toEqual([
      expect.objectContaining({ name: "coincap", state: "ok", assets: 1 }),
      { name: "coingecko", state: "ok", failure: null, answerAgeMs: 0, nextTryMs: 0, assets: 2 },
    ]);
  });

  it("is not asked at all where it is off, and /health says so", async () => {
    metadata = create(undefined);
    await start();
    await wait(HOUR);
    expect(asked).toEqual([]);
    expect(metadata.health()).toMatchObject([{}, { name: "coingecko", state: "off", assets: 0 }]);
  });

  it("is not asked any more after the stop", async () => {
    await start();
    metadata.stop();
    await wait(HOUR);
    expect(asked).toHaveLength(1);
  });
});
