/** How long the doctor waits, and from when on it calls something a fault. ms. */
export type Timing = {
  /** For each of: a name, a connection, TLS, the answer to a request or a handshake. */
  answerMs: number;
  /** From the handshake to the first message. */
  helloMs: number;
  /** From the handshake to the first price. */
  priceMs: number;
  /** How long the streams are watched. */
  watchMs: number;
  /** Updates are due each second; without one for longer they have stopped. */
  gapMs: number;
  /** Where not one of many prices changes for this long, no market stands behind them. */
  frozenMs: number;
  /** A price received longer ago than this is old. */
  oldMs: number;
  /** A heartbeat may be so late. */
  lateMs: number;
  /** An event that comes so much later than others was held back on the way. */
  heldMs: number;
};

/**
 * `helloMs` and `priceMs` are the SDK's own: it gives an attempt up then. `oldMs` is the gateway's
 * default for `--stale-after`.
 */
export const defaultTiming: Timing = {
  answerMs: 10_000,
  helloMs: 5000,
  priceMs: 10_000,
  watchMs: 15_000,
  gapMs: 5000,
  frozenMs: 8000,
  oldMs: 60_000,
  lateMs: 5000,
  heldMs: 3000,
};
