import { agree } from "../feed/price/plausible.ts";
import type { Asset } from "../types.ts";
import type { Coin } from "./coingecko.ts";

/** CoinCap's id → CoinGecko's, where they are known to differ. */
const COINGECKO_IDS = new Map([
  ["avalanche", "avalanche-2"],
  ["binance-coin", "binancecoin"],
  ["near-protocol", "near"],
  ["polygon", "matic-network"],
  ["xrp", "ripple"],
]);

/** The coin of CoinGecko's that an asset is taken for, and why. */
export type Match = { coin: Coin; by: "id" | "symbol" };

/**
 * Which coin each asset is: that of its id, else the only one of its symbol that is no other asset's,
 * where the asset is the only one of that symbol too. `fits` tells whether to believe it.
 */
export function matchCoins(coins: readonly Coin[], assets: readonly Asset[]): Map<string, Match> {
  const idOf = ({ id }: Asset) => COINGECKO_IDS.get(id) ?? id;
  const byId = new Map(coins.map((coin) => [coin.id, coin]));
  const coinsBySymbol = Map.groupBy(byId.values(), ({ symbol }) => symbol.toUpperCase());
  const assetsBySymbol = Map.groupBy(assets, ({ symbol }) => symbol.toUpperCase());
  const taken = new Set(assets.map(idOf));

  const coinOf = (asset: Asset): Match | undefined => {
    const namesake = byId.get(idOf(asset));
    if (namesake) return { coin: namesake, by: "id" };
    const symbol = asset.symbol.toUpperCase();
    const [coin, another] = coinsBySymbol.get(symbol) ?? [];
    const isOnly = coin && !another && assetsBySymbol.get(symbol)?.length === 1;
    if (!isOnly || taken.has(coin.id) || COINGECKO_IDS.has(asset.id)) return undefined;
    return { coin, by: "symbol" };
  };

  return new Map(
    assets.flatMap((asset) => {
      const match = coinOf(asset);
      return match ? [[asset.id, match] as const] : [];
    }),
  );
}

/**
 * Whether the asset's own fresh price says so too: a symbol must be confirmed by it, an id must not be
 * denied. (A capitalisation that no longer fits the price is not worth showing either.)
 */
export function fits({ coin, by }: Match, price: number | undefined): boolean {
  if (price === undefined || coin.priceUsd === undefined) return by === "id";
  return agree(price, coin.priceUsd);
}
