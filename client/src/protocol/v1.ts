/**
 * The contract of the subprotocol `cryptovault.v1.json` on `/ws/prices`, for both sides: its messages,
 * and who reads them. docs/protocol.md explains it with examples.
 *
 * An update holds only what changed since the client's **position**: the `seq` up to which the client
 * holds everything it has subscribed to. Rows are columns side by side, and an asset is named by a
 * small number, so that a frame compresses well. Lists of such numbers are ascending and written as
 * gaps: `[3, 1, 2]` means the assets 3, 4 and 6.
 */
import type { DataLabel, ErrorMessage, PongMessage } from "../protocol.ts";

export {
  type BadMessage,
  decodeClientMessage,
  INTERVAL_MS,
  LONGEST_NAME,
} from "./client-message.ts";
export { decodeServerMessage } from "./server-message.ts";

/** The name to ask for in `Sec-WebSocket-Protocol`. */
export const V1 = "cryptovault.v1.json";

/** Longest time between two messages of the gateway, ms. Proxies cut a silent line at 55–100 s. */
export const HEARTBEAT_MS = 25_000;

/** The same over server-sent events, where a client can't ask whether the gateway still lives, ms. */
export const LISTENER_HEARTBEAT_MS = 10_000;

/** Prices as often as this where a client does not say, ms. */
export const DEFAULT_INTERVAL_MS = 1000;
/** A point in the stream: numbers of another epoch mean nothing. */
export type Position = { epoch: string; seq: number };

/** The first message. Nothing else comes before the client has subscribed, but heartbeats. */
export type HelloMessage = DataLabel &
  Position & {
    type: "hello";
    /** At most so long between two messages; a line that is silent for longer is dead. ms. */
    heartbeatMs: number;
    limits: {
      /** Bytes in one message of the client. */
      messageBytes: number;
      /** Messages that the client may send in one second. */
      messagesPerSecond: number;
      /** Assets in one subscription; `"*"` takes all, whatever their number. */
      assets: number;
    };
    timestamp: string;
  };

/**
 * What changed between the client's position and `seq`, which is its position from now on. Columns
 * stand side by side: `prices[i]` is the price of the asset that `assets` has in place `i`.
 */
export type UpdateMessage = DataLabel & {
  type: "price_update";
  seq: number;
  timestamp: string;
  /** Numbers of the assets that changed, as gaps. */
  assets: number[];
  /** Decimal strings. */
  prices: string[];
  /** Change over 24 hours in percent, null where nobody knows. Without it none has changed. */
  change24h?: (number | null)[];
  /** So long before `timestamp` is the exchange's own time of the price, ms. Without it none is known. */
  ages?: (number | null)[];
  /** What else is new of some of these assets, at least of those that the client has not had yet. */
  facts?: Facts[];
  /** Numbers of assets that are priced no more, as gaps: forget them. */
  removed?: number[];
  /** Answer with `{"type":"echo","seq":…}` of this message, at once. */
  echo?: true;
  /** This message answers a change of the subscription. */
  subscription?: Subscription;
};

/** What several assets have in common besides their prices. It replaces what was known of them. */
export type Facts = {
  /** Their numbers, as gaps. */
  assets: number[];
  /** Their ids, in the same places. */
  names: string[];
  /** The exchange that speaks for them, or `median`. */
  source: string;
  /** Currency of the price: `USD`; `USDT` or `USDC` where no live rate to USD is known. */
  quote: string;
  /** The currency that the price was converted to USD from, at the live rate. */
  derivedFrom?: string;
  /** Fewer exchanges agree than the operator asked for. */
  thin?: true;
  /** Present where the prices are old: each was received so long before `timestamp`, ms. */
  stale?: number[];
};

/** What the client is subscribed to now. */
export type Subscription = {
  /** `"*"`, or how many assets. */
  assets: "*" | number;
  /** ms; rounded up to a multiple of 50. */
  interval: number;
  /** Names that the client used → ids of the assets, where they differ: `{"BTC":"bitcoin"}`. */
  names?: Record<string, string>;
  /** Names that mean nothing here, so far: a price would be sent under the name as an id. */
  unknown?: string[];
  /** Changes that this message answers, where there is more than one: the client was behind. */
  changes?: number;
};

/** Nothing has changed. `seq` is the client's position. May ask for an echo, like an update. */
export type HeartbeatMessage = DataLabel & {
  type: "heartbeat";
  seq: number;
  timestamp: string;
  echo?: true;
};

export type { ErrorMessage, PongMessage };

export type ServerMessage =
  | HelloMessage
  | UpdateMessage
  | HeartbeatMessage
  | PongMessage
  | ErrorMessage;

/**
 * Adds assets to the subscription, or changes its interval. A list that is too long for one message
 * goes in several, all but the last with `more`. The last one applies them all, and one update
 * answers.
 */
export type SubscribeMessage = {
  type: "subscribe";
  /** Ids or symbols; `"*"` for all there are. Without it only the interval changes. */
  assets?: "*" | string[];
  /** ms: 0 for each tick, or 100 to 60000. 1000 until a message sets another. */
  interval?: number;
  /** The client holds the assets of this message up to here, from an earlier connection. */
  since?: Position;
  more?: true;
};

/** Takes assets out of the subscription. An update without rows answers. */
export type UnsubscribeMessage = { type: "unsubscribe"; assets: "*" | string[]; more?: true };

/** The client has read everything up to `seq`. */
export type EchoMessage = { type: "echo"; seq: number };

export type ClientMessage = SubscribeMessage | UnsubscribeMessage | EchoMessage | { type: "ping" };

export const encode = (message: ServerMessage | ClientMessage): string => JSON.stringify(message);
