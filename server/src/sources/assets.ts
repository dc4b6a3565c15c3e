/**
 * The bundled list of assets, for when CoinCap's own cannot be reached: roughly by market
 * capitalisation, largest first. A row is `[CoinCap id, symbol, name, a typical price in USD]`; the
 * price seeds the emulator's market and is shown to nobody as a price.
 *
 * About 120 ids were seen in CoinCap's own answers (a `/v2/assets` response of 2024-12-11 kept in
 * ashok2216-A/Crypto_ETL), about 70 in programs that use its API (EdgeApp/edge-rates-server); the
 * younger coins follow CoinCap's way of naming. With an API key CoinCap's own list is added.
 */
import type { Asset } from "../types.ts";
import rows from "./assets.json" with { type: "json" };

export const bundledAssets: readonly Asset[] = rows.flatMap(([id, symbol, name], index) =>
  typeof id === "string" && typeof symbol === "string" && typeof name === "string"
    ? { id, symbol, name, rank: index + 1 }
    : [],
);
