/**
 * The wire contract between gateway and client. Imports nothing, so that both sides can import it.
 *
 * Prices are decimal strings, as the exchange wrote them. Times are ISO 8601 strings (UTC), taken
 * from the gateway's clock: the wall clock on live and demo data, the recording's own clock in a
 * replay. Subtract two times of one message to get an age; don't compare them with your own clock.
 */

/** Where a client connects for every asset. `/ws/prices/{symbol}` gives a single one. */
export const PRICES_PATH = "/ws/prices";

/**
 * A name for the plain contract in `Sec-WebSocket-Protocol`, for who has to name one: a browser that shows
 * its token as the subprotocol `bearer.<token>` wants to be answered with another.
 */
export const PLAIN = "cryptovault.plain.json";

/**
 * The largest message a client may send, in bytes. A longer one ends the connection with close
 * code 1009.
 */
export const MAX_CLIENT_MESSAGE_BYTES = 4096;

/** Why the gateway closed, by close code. 3500–3999: do not come back, the next try ends the same. */
export const closeCodes = {
  /** The client did not read for 30 s. Come back. */
  slow: 3008,
  /** Too many messages in a second. Come back, slower. */
  flood: 3009,
  /** The token is over. Come back with a new one. */
  tokenExpired: 3010,
  /** There is no stream at this path. */
  noSuchPath: 3500,
  /** The asset named in the path is unknown. */
  unknownAsset: 3501,
  /** Pages of this origin may not connect. */
  originNotAllowed: 3502,
  /** The subscription names more assets than the gateway allows. */
  tooManyAssets: 3503,
  /** The stream is not for everybody, and the token is missing or not good. */
  tokenRefused: 3504,
} as const;

/** Tells whether a close code means that connecting again is pointless. */
export const isTerminalClose = (code: number): boolean => code >= 3500 && code <= 3999;

/** Present on every message where the prices are not the live market. */
export type DataLabel = { demo?: true; replay?: true };

/** First message on every connection. */
export type ConnectionMessage = DataLabel & {
  type: "connection";
  status: "connected";
  message: string;
  /** Subprotocols of WebSocket that the gateway knows besides: `cryptovault.v1.json`. */
  protocols?: string[];
  timestamp: string;
};

/** The price of every known asset, once a second. Stops while no asset has a fresh price. */
export type PriceUpdateMessage = DataLabel & {
  type: "price_update";
  /** Asset id → decimal price. In USD, except for the assets listed in `quoted`. */
  prices: Record<string, string>;
  timestamp: string;
  /** The source that speaks for most assets. */
  source: string;
  /** Ids whose price is old: show them as such. Left out of `prices` after 5 minutes. */
  stale: string[];
  /** Quote currency → ids, for prices quoted in anything but USD (`{"USDT":["bitcoin"]}`). */
  quoted?: Record<string, string[]>;
  /** Quote currency → ids, for prices that the gateway converted to USD from it, at the live rate. */
  derived?: Record<string, string[]>;
  /** Ids on which fewer sources agree than the operator asked for (policy `median`). */
  thin?: string[];
};

/**
 * What a converted price was made from: `price` in `quote`, times `rate` USD per unit of `quote`. Of a
 * median halfway between two prices, what one of the two was made from.
 */
export type Derived = { price: string; quote: string; rate: string };

/** `connecting`: no price since the start. `stale`: prices, but not one of them fresh. */
export type StreamState = "connecting" | "connected" | "stale";

/** Every 10 s, and on `get_status`. */
export type StatusMessage = DataLabel & {
  type: "status";
  state: StreamState;
  /** The source that speaks for most assets, null before the first price. */
  source: string | null;
  /** Number of assets with a price. */
  prices_cached: number;
  /** True while the broadcast loop runs. */
  is_running: boolean;
  /** When the newest price was received from an exchange. */
  last_update: string | null;
  timestamp: string;
};

/** Answer to `get_price`, and the updates of `/ws/prices/{symbol}`. */
export type PriceMessage = DataLabel & {
  type: "price";
  /** Asset id, whatever name the client asked by. */
  symbol: string;
  price: string;
  /** Currency of the price: `USD`, `USDT`, … */
  quote: string;
  /** The source that speaks for the asset, or `median`. */
  source: string;
  /** The sources whose prices agree on it. */
  constituents: string[];
  stale: boolean;
  /** When this price was received from the exchange. */
  last_update: string;
  /** The exchange's own time of it, where it tells one. */
  exchange_time?: string;
  /** Present where the price was converted to USD. */
  derived?: Derived;
  /** How far the prices of the constituents are apart, in percent of the price (policy `median`). */
  spread?: number;
  /** Fewer sources agree than the operator asked for (policy `median`). */
  thin?: true;
  timestamp: string;
};

/** On `/ws/prices/{symbol}`, when the asset has been quiet for 25 s. */
export type KeepAliveMessage = DataLabel & { type: "keep_alive"; timestamp: string };

export type PongMessage = DataLabel & { type: "pong"; timestamp: string };

/** A message of the client could not be served. The connection stays, unless a close follows. */
export type ErrorMessage = DataLabel & {
  type: "error";
  code: string;
  message: string;
  /** What to do about it. */
  hint: string;
  timestamp: string;
};

export type ServerMessage =
  | ConnectionMessage
  | PriceUpdateMessage
  | StatusMessage
  | PriceMessage
  | KeepAliveMessage
  | PongMessage
  | ErrorMessage;

/** What a client may send. The bare text `ping` is taken as `{"type":"ping"}`. */
export type ClientMessage =
  | { type: "ping" }
  | { type: "get_status" }
  | { type: "get_price"; symbol: string };

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
