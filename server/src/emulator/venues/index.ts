import type { Clock } from "../../clock.ts";
import type { Market } from "../market.ts";
import {
  binancePairs,
  bybitPairs,
  coinbasePairs,
  coincapPairs,
  krakenPairs,
  kucoinPairs,
  okxPairs,
  type Pair,
} from "../pairs.ts";
import type { MarketAsset } from "../universe.ts";
import type { Exchange, Timing, Venue } from "../venue.ts";
import { binance } from "./binance.ts";
import { bybit } from "./bybit.ts";
import { coinbase } from "./coinbase.ts";
import { coinbaseAdvanced } from "./coinbase-advanced.ts";
import { coincap } from "./coincap.ts";
import { kraken } from "./kraken.ts";
import { kucoin } from "./kucoin.ts";
import { okx } from "./okx.ts";

/** What an emulated exchange is made of. */
export type VenueContext = {
  clock: Clock;
  market: Market;
  pairs: readonly Pair[];
  timing: Timing;
  /** The one API key that an exchange with keys accepts. */
  key: string;
};

export type VenueRow = {
  /** What it trades. */
  pairs(assets: readonly MarketAsset[]): Pair[];
  /** Its part of the world's trading. */
  share: number;
  create(context: VenueContext): Venue;
};

/** Every emulated exchange. Adding one is adding its name in `venue.ts`, its files and its row. */
export const venues: Readonly<Record<Exchange, VenueRow>> = {
  coincap: {
    pairs: coincapPairs,
    share: 1,
    create: (context) => coincap({ ...context, version: "v3" }),
  },
  binance: { pairs: binancePairs, share: 0.3, create: binance },
  coinbase: { pairs: coinbasePairs, share: 0.1, create: coinbase },
  kraken: { pairs: krakenPairs, share: 0.05, create: kraken },
  okx: { pairs: okxPairs, share: 0.12, create: okx },
  bybit: { pairs: bybitPairs, share: 0.1, create: bybit },
  kucoin: { pairs: kucoinPairs, share: 0.05, create: kucoin },
  "coinbase-advanced": { pairs: coinbasePairs, share: 0.1, create: coinbaseAdvanced },
  "coincap-v2": {
    pairs: coincapPairs,
    share: 1,
    create: (context) => coincap({ ...context, version: "v2", key: undefined }),
  },
};
