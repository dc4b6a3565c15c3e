import type { DataLabel, Derived } from "../protocol.ts";

/** One asset as `GET /api/prices` and `GET /api/prices/{asset}` give it. */
export type AssetPrice = {
  id: string;
  symbol: string;
  name: string;
  /** Decimal string in `quote`; null until the first price. */
  price: string | null;
  quote: string | null;
  /** The source that speaks for the asset, or `median`. */
  source: string | null;
  /** The sources whose prices agree on it. */
  constituents: string[];
  /** What a converted price was made from. */
  derived: Derived | null;
  /** How far the prices of the constituents are apart, in percent of the price; of a median only. */
  spread: number | null;
  /** Fewer sources agree than the operator asked for; of a median only. */
  thin: boolean;
  stale: boolean;
  /** Change over 24 hours in percent, two decimals; null where no source knows. */
  change24h: number | null;
  /** The exchange's own time of this price; null where the exchange sends none. */
  exchangeTime: string | null;
  /** When the gateway received this price. */
  receivedAt: string | null;
} & AssetStatistics;

/**
 * Statistics about an asset, for display; null where nobody tells them. They change at most once a
 * minute and take no sequence number: they come with the price and never hold it up.
 */
export type AssetStatistics = {
  /** Place by market capitalisation, 1 is the largest. */
  rank: number | null;
  /** `coincap`, `coingecko`, or `list`: the last known list of assets, which may be old. */
  rankSource: string | null;
  /** USD. */
  marketCapUsd: number | null;
  /** `coincap` or `coingecko`. */
  marketCapSource: string | null;
  /** Traded in 24 hours, USD. */
  volume24hUsd: number | null;
  /**
   * `["coincap"]` or `["coingecko"]`, which count all exchanges; else the exchanges whose tickers it is
   * the sum of.
   */
  volumeSources: string[];
};

/**
 * Body of `GET /api/prices`; with `?assets=bitcoin,ETH` only of these. `?since=<epoch>:<seq>`, with those
 * of an earlier body, asks for what has changed since.
 */
export type PricesResponse = DataLabel & {
  epoch: string;
  seq: number;
  timestamp: string;
  assets: AssetPrice[];
  /**
   * Ids of assets that are priced no more. Present where `assets` are only those that have changed;
   * without it they are all, and what is held from before is to be forgotten.
   */
  removed?: string[];
  /** Names of the query that mean nothing here. */
  unknown?: string[];
};

/** What one source says of an asset. */
export type AssetView = {
  source: string;
  /** As it would be published if this source spoke. */
  price: string;
  quote: string;
  derived: Derived | null;
  exchangeTime: string | null;
  receivedAt: string;
  stale: boolean;
  /** Whether the published price is this source's, or the median of this one and others. */
  speaking: boolean;
  /** False: the price says that the symbol means another coin at this source. */
  matched: boolean;
  /** A price of this source that is held back as absurd, in the currency it was quoted in. */
  held: string | null;
  /** What its ticker says was traded in 24 h, in USD; null where it does not tell. A statistic. */
  volume24hUsd: number | null;
};

/** Body of `GET /api/prices/{asset}`: the price, and every source's view of it. */
export type AssetPriceResponse = DataLabel &
  AssetPrice & { timestamp: string; sources: AssetView[] };
