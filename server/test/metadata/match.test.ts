import { expect, it } from "vitest";
import { type Coin, readCoins } from "../../src/metadata/coingecko.ts";
import { fits, matchCoins } from "../../src/metadata/match.ts";
import type { Asset } from "../../src/types.ts";
import { coingeckoExamples } from "../support/captures.ts";

const asset = (id: string, symbol: string): Asset => ({ id, symbol, name: id, rank: 1 });

const coin = (id: string, symbol: string, priceUsd: number | undefined = 1): Coin => ({
  id,
  symbol,
  priceUsd,
  figures: { rank: 1, change24h: 1, volume24hUsd: 1, marketCapUsd: 1 },
});

/** Asset id → CoinGecko id. */
const matched = (coins: Coin[], assets: Asset[]) =>
  Object.fromEntries([...matchCoins(coins, assets)].map(([id, { coin }]) => [id, coin.id]));

it("knows an asset by its id, also where CoinGecko's is known to differ", () => {
  expect(
    matched(
      [coin("bitcoin", "btc"), coin("ripple", "xrp"), coin("binancecoin", "bnb")],
      [asset("bitcoin", "BTC"), asset("xrp", "XRP"), asset("binance-coin", "BNB")],
    ),
  ).toEqual({ bitcoin: "bitcoin", xrp: "ripple", "binance-coin": "binancecoin" });
});

it("does not take CoinGecko's coin for an asset whose id there is another one", () => {
  const avalanche = asset("avalanche", "AVAX");
  expect(matched([coin("avalanche", "avax")], [avalanche])).toEqual({});
  expect(matched([coin("avalanche", "ava"), coin("avalanche-2", "avax")], [avalanche])).toEqual({
    avalanche: "avalanche-2",
  });
});

it("knows an asset by its symbol, where it is the only one on both sides", () => {
  const toncoin = asset("toncoin", "TON");
  const ton = coin("the-open-network", "ton");
  expect(matched([ton], [toncoin])).toEqual({ toncoin: "the-open-network" });
  expect(matched([ton, coin("tonic", "ton")], [toncoin])).toEqual({});
  expect(matched([ton], [toncoin, asset("tontine", "TON")])).toEqual({});
});

it("does not give an asset the coin of another one that has the same symbol", () => {
  expect(
    matched([coin("solana", "sol")], [asset("solana", "SOLANA"), asset("sol-two", "SOL")]),
  ).toEqual({ solana: "solana" });
});

it("counts a coin once that has moved from one page to the other meanwhile", () => {
  const ton = coin("the-open-network", "ton");
  expect(matched([ton, { ...ton }], [asset("toncoin", "TON")])).toHaveProperty("toncoin");
});

it("believes a symbol only where the price confirms it, an id unless the price denies it", () => {
  const bySymbol = { coin: coin("x", "x", 100), by: "symbol" } as const;
  expect([119, 84, 121, 83, undefined].map((price) => fits(bySymbol, price))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const byId = { ...bySymbol, by: "id" } as const;
  expect([119, 121, undefined].map((price) => fits(byId, price))).toEqual([true, false, true]);
  const unpriced = { ...coin("x", "x"), priceUsd: undefined };
  expect(fits({ coin: unpriced, by: "symbol" }, 100)).toBe(false);
  expect(fits({ coin: unpriced, by: "id" }, 100)).toBe(true);
});

const row = {
  id: "bitcoin",
  symbol: "btc",
  name: "Bitcoin",
  current_price: 77671,
  market_cap: 1555886872303,
  market_cap_rank: 1,
  total_volume: 33235034316,
  price_change_percentage_24h: -0.95302,
};

it("reads what a page tells of each coin, and takes null, nonsense and a cap of 0 for unknown", () => {
  const figures = {
    rank: 1,
    change24h: -0.95302,
    volume24hUsd: 33235034316,
    marketCapUsd: 1555886872303,
  };
  expect(readCoins([row])).toEqual([{ id: "bitcoin", symbol: "btc", priceUsd: 77671, figures }]);
  const empty = {
    ...row,
    current_price: null,
    market_cap: 0,
    market_cap_rank: null,
    total_volume: "much",
    price_change_percentage_24h: null,
  };
  const unknown = {
    rank: undefined,
    change24h: undefined,
    volume24hUsd: undefined,
    marketCapUsd: undefined,
  };
  expect(readCoins([empty, null, 7, { id: 1 }])).toEqual([
    { id: "bitcoin", symbol: "btc", priceUsd: undefined, figures: unknown },
  ]);
});

it.each([{ status: { error_code: 429 } }, null, "text"])("says that %j is no page", (body) => {
  expect(() => readCoins(body)).toThrow(/not an array/);
});

const examples = coingeckoExamples();
it.skipIf(!examples)("reads the example of CoinGecko's own API description", () => {
  expect(readCoins(examples?.["/coins/markets"]?.example)).toMatchObject([
    { id: "bitcoin", symbol: "btc", figures: { rank: 1, marketCapUsd: expect.any(Number) } },
  ]);
});
