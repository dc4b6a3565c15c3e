/** What the stages hand each other, left to right. */

/**
 * One price of one instrument, read from one frame of one exchange.
 * Prices are plain decimal strings, as the exchange wrote them.
 */
export type Tick = {
  /** The instrument in the exchange's own spelling: `bitcoin`, `BTCUSDT`, `BTC-USD`. */
  symbol: string;
  price: string;
  /** Price 24 hours ago, for the change. */
  open24h?: string;
  /** Change over 24 hours in percent, where the exchange tells it instead of the price of then. */
  change24h?: number;
  /** Traded in 24 hours, in units of the base: `"1234.5"` BTC. */
  baseVolume24h?: string;
  /** Traded in 24 hours, in units of the quote: `"98000000.12"` USDT. */
  quoteVolume24h?: string;
  /** The exchange's own time of the price, ms since 1970. */
  time?: number;
  /** The exchange's own number of the price, growing within one symbol. */
  sequence?: number;
};

/** Why a price was not taken. Every reason has a counter in `/health`. */
export type RejectReason =
  | "not_json"
  | "wrong_type"
  | "bad_price"
  | "absurd_price"
  | "unknown_symbol"
  | "out_of_order";

/** What one frame of an exchange says. */
export type SourceEvent =
  /** Prices, and with them whatever in the same frame could not be read. */
  | { kind: "ticks"; ticks: Tick[]; rejected: Rejection[] }
  /** The exchange confirms a subscription. */
  | { kind: "ack" }
  /** The exchange is ready to be told what to send, where it says so (`Connection.sendOn`). */
  | { kind: "ready" }
  /** A sign of life without data. */
  | { kind: "heartbeat" }
  /** Known, and of no use here (trades, order books). `what` names it. */
  | { kind: "ignored"; what: string }
  /** The exchange will cut this connection soon: open a new one. */
  | { kind: "reconnect"; reason: string }
  /**
   * The exchange refuses. `fatal`: asking again will not help. `symbols`: only these are refused.
   * `retryAfterMs`: it has had too many requests; come back after so long.
   */
  | { kind: "error"; message: string; fatal: boolean; symbols?: string[]; retryAfterMs?: number }
  /** The frame is not in the exchange's format. */
  | { kind: "bad"; rejection: Rejection }
  /** Well-formed, but of a type this source does not know. */
  | { kind: "unknown"; what: string };

/** Something from an exchange that was not taken. */
export type Rejection = { reason: RejectReason; detail: string };

/** One line of an exchange's instrument list. */
export type Instrument = { symbol: string; base: string; quote: string };

/** What is known of an asset besides its price. `id` is CoinCap's. */
export type Asset = {
  id: string;
  symbol: string;
  name: string;
  /** Place by market capitalisation, 1 is the largest. */
  rank: number;
};

/** What a list of assets tells of one of them, undefined where it does not. */
export type Figures = {
  rank: number | undefined;
  /** Percent. */
  change24h: number | undefined;
  volume24hUsd: number | undefined;
  marketCapUsd: number | undefined;
};

/** A figure, and who tells it. */
export type Stated = { value: number; sources: string[] };

/** Figures about an asset as they are served: statistics, not prices. */
export type Statistics = Record<"rank" | "volume24hUsd" | "marketCapUsd", Stated | undefined>;

/** A price on its way into the book: one asset, one price. */
export type Quote = {
  asset: string;
  price: string;
  /** Currency of the price: `USD`; `USDT` or `USDC` where no live rate to USD is known. */
  quote: string;
  /** Who speaks: a source, or `median`. */
  source: string;
  /** Whose prices agree on it: the speaking source alone, or all that the median was taken of. */
  constituents: readonly string[];
  /** Present where the price was converted to USD; of a median between two, what one of them was made from. */
  derived: Derived | undefined;
  /** How far the prices of the constituents are apart, in percent of the price; only of a median. */
  spread: number | undefined;
  /** Fewer sources agree than the operator asked for; only of a median. */
  thin: boolean;
  /** Market-clock time of receipt, ms. Freshness counts from here. */
  receivedAt: number;
  /** The exchange's own time, ms. */
  exchangeTime: number | undefined;
  /** Change over 24 hours in percent, two decimals. */
  change24h: number | undefined;
};

/** What a converted price was made from: `price` in `quote`, times `rate` USD per unit of `quote`. */
export type Derived = { price: string; quote: string; rate: string };

/** Whether the prices are the live market, and if not, what they are. */
export type DataMode = "live" | "demo" | "replay";

/** Where one exchange is reached. */
export type Endpoint = { ws: string; rest: string };

/**
 * State of the link to one source. `open`: connected, no price yet. `down`: will be tried again
 * soon. `fatal`: refused for good, tried again seldom. `off`: not tried at all.
 */
export type LinkState = "off" | "connecting" | "open" | "live" | "down" | "fatal";
