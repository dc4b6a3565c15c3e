import type { PairTick } from "./tape.ts";

/** The exchanges that are emulated. */
export const EXCHANGES = [
  "coincap",
  "binance",
  "coinbase",
  "kraken",
  "okx",
  "bybit",
  "kucoin",
  "coinbase-advanced",
  "coincap-v2",
] as const;
export type Exchange = (typeof EXCHANGES)[number];

export const isExchange = (name: unknown): name is Exchange =>
  EXCHANGES.some((exchange) => exchange === name);

/** A value for each exchange. */
export function forEach<Value>(
  make: (name: Exchange, index: number) => Value,
): Record<Exchange, Value> {
  const rows = EXCHANGES.map((name, index) => [name, make(name, index)] as const);
  return Object.fromEntries(rows) as Record<Exchange, Value>;
}

/**
 * The port of an emulated exchange: what it answers and says while nothing is wrong with it. It knows
 * the wire format and who has subscribed to what; sockets and faults are the line's business.
 */
export type Venue = {
  /** Whether a socket may be opened at this address. */
  accepts(url: URL): boolean;
  /** Takes a newly opened socket. */
  open(peer: Peer, visit: Visit): Session;
  /** Tells its subscribers about the trades of one step. */
  publish(ticks: readonly PairTick[]): void;
  /** Answers a REST request; undefined where there is nothing. */
  answer(visit: Visit): Answer | undefined;
  readonly refusals: Readonly<Record<Refusal, Answer>>;
  /** How it turns a socket away that is already open. Without it, the upgrade is refused. */
  deny?(peer: Peer): void;
  /** Tells its subscribers that their sockets will be cut soon. */
  announceShutdown?(): void;
  /** Ends its timers. */
  close(): void;
};

/** Who comes, and to where: `url` is relative to the exchange's own address. */
export type Visit = {
  method: string;
  url: URL;
  /** The exchange's own address for sockets, as the visitor knows it: `ws://127.0.0.1:8100/kucoin`. */
  ws: string;
  authorization: string | undefined;
};

/** What a frame is for: faults hold back some and not others. */
export type FrameKind = "answer" | "data" | "heartbeat";

/** One client's socket, as an exchange sees it. */
export type Peer = {
  send(kind: FrameKind, frame: Buffer): void;
  /** A protocol ping. Tells whether it went out. */
  ping(payload: string): boolean;
  /** Closes with a handshake. */
  close(code: number, reason: string): void;
  /** Ends the connection without a word. */
  cut(): void;
};

/** What an exchange does about what a client sends. */
export type Session = {
  message(text: string): void;
  ping?(): void;
  pong?(payload: string): void;
  /** The socket is gone. */
  end(): void;
};

export type Answer = { status: number; body: unknown };

/** The ways in which an exchange turns a client away. */
export type Refusal = "unauthorized" | "blocked" | "limited";

/** Intervals that the exchanges document, all in ms. */
export type Timing = {
  /** Binance pings so often, and waits so long for the pong. */
  pingEveryMs: number;
  pongWithinMs: number;
  /** Both of Coinbase's feeds drop who has not subscribed by then. */
  subscribeWithinMs: number;
  /** Kraken's heartbeat, and those of both of Coinbase's feeds. */
  heartbeatMs: number;
  /** Coinbase's batched ticker. */
  batchMs: number;
  /** Kraken and OKX close a connection on which nothing came or went for so long. */
  krakenIdleMs: number;
  okxIdleMs: number;
  /** Bybit cuts a connection on which nothing has gone either way for so long. */
  bybitIdleMs: number;
  /** KuCoin wants to hear from a client so often, and waits so much longer. */
  hearEveryMs: number;
  hearWithinMs: number;
  /** Coinbase Advanced Trade closes a socket on which it has had nothing to say for so long. */
  quietMs: number;
};

export const DOCUMENTED_TIMING: Timing = {
  pingEveryMs: 20_000,
  pongWithinMs: 60_000,
  subscribeWithinMs: 5_000,
  heartbeatMs: 1_000,
  batchMs: 5_000,
  krakenIdleMs: 60_000,
  okxIdleMs: 30_000,
  bybitIdleMs: 600_000,
  hearEveryMs: 18_000,
  hearWithinMs: 10_000,
  quietMs: 75_000,
};

/** A text frame: encoded once, sent to any number of peers. */
export const frameOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
