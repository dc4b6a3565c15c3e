import type { Price } from "@cryptovault/price-stream";
import { expect, it } from "vitest";
import { type Asset, type Assets, findAsset } from "../src/assets.ts";
import { arrange, nextSort } from "../src/market/order.ts";
import { MARKET, type Sort } from "../src/route.ts";

const assetOf = (id: string, symbol: string, about: Partial<Asset>): Asset => ({
  id,
  symbol,
  name: id,
  rank: null,
  volume24hUsd: null,
  volumeSources: [],
  change24h: null,
  ...about,
});
const assets: Assets = new Map(
  [
    assetOf("bitcoin", "BTC", { name: "Bitcoin", rank: 1, volume24hUsd: 400, change24h: 9 }),
    assetOf("ethereum", "ETH", { name: "Ethereum", rank: 2, volume24hUsd: 300 }),
    assetOf("batcat", "BTC", { name: "batcat", rank: 90, volume24hUsd: null }),
    assetOf("new-coin", "", { name: "new-coin" }),
  ].map((asset) => [asset.id, asset]),
);
const priceOf = (asset: string, price: string, change24h: number | null): [string, Price] => [
  asset,
  {
    asset,
    price,
    change24h,
    quote: "USD",
    source: "coincap",
    derivedFrom: null,
    thin: false,
    stale: false,
    staleSince: null,
    exchangeTime: null,
  },
];
const prices = new Map([
  priceOf("bitcoin", "97000", -1),
  priceOf("ethereum", "9000.5", 4),
  priceOf("batcat", "0.00000012", null),
]);

const arranged = (about: { query?: string; sort?: Sort; favouritesOnly?: boolean }) =>
  arrange(assets, prices, new Set(["ethereum"]), { ...MARKET, ...about });
const by = (key: Sort["key"], descending: boolean) => arranged({ sort: { key, descending } });

it("sorts prices as numbers, and by the live change rather than the described one", () => {
  expect(by("price", true)).toEqual(["bitcoin", "ethereum", "batcat", "new-coin"]);
  expect(by("change", true).slice(0, 2)).toEqual(["ethereum", "bitcoin"]);
});

it("puts what has no value last in both directions, by rank", () => {
  expect(by("price", false)).toEqual(["batcat", "ethereum", "bitcoin", "new-coin"]);
  expect(by("volume", false)).toEqual(["ethereum", "bitcoin", "batcat", "new-coin"]);
  expect(by("volume", true)).toEqual(["bitcoin", "ethereum", "batcat", "new-coin"]);
});

it("sorts names without regard to capitals", () => {
  expect(by("name", false)).toEqual(["batcat", "bitcoin", "ethereum", "new-coin"]);
});

it("finds by a part of name, symbol or id, and among the favourites only where asked to", () => {
  expect(arranged({ query: " btc " })).toEqual(["bitcoin", "batcat"]);
  expect(arranged({ query: "COIN" })).toEqual(["bitcoin", "new-coin"]);
  expect(arranged({ favouritesOnly: true })).toEqual(["ethereum"]);
  expect(arranged({ favouritesOnly: true, query: "bit" })).toEqual([]);
});

it("sorts a column by its largest first, names and ranks by their first, then the other way round", () => {
  const byPrice = nextSort(MARKET.sort, "price");
  expect(byPrice).toEqual({ key: "price", descending: true });
  expect(nextSort(byPrice, "price")).toEqual({ key: "price", descending: false });
  expect(nextSort(byPrice, "name")).toEqual({ key: "name", descending: false });
});

it("opens an asset by id or symbol; of namesakes the one with the best rank", () => {
  expect(findAsset(assets, "Ethereum")?.id).toBe("ethereum");
  expect(findAsset(assets, "btc")?.id).toBe("bitcoin");
  expect(findAsset(assets, "nonsense")).toBeUndefined();
});
