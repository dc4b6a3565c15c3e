/**
 * The wire contract between gateway and client. Imports nothing else, so that both sides can import it.
 *
 * Prices are decimal strings, as the exchange wrote them. Times are ISO 8601 strings (UTC), taken
 * from the gateway's clock: the wall clock on live and demo data, the recording's own clock in a
 * replay. Subtract two times of one message to get an age; don't compare them with your own clock.
 */

export { closeCodes, isTerminalClose } from "./protocol/close.ts";
export type {
  AssetPrice,
  AssetPriceResponse,
  AssetStatistics,
  AssetView,
  PricesResponse,
} from "./protocol/rest.ts";

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
