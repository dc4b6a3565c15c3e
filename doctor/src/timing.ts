/** How long the doctor waits, and from when on it calls something a fault. ms. */
export type Timing = {
  /** For each of: a name, a connection, TLS, the answer to a request or a handshake. */
  answerMs: number;
  /** From the beginning of an attempt to the first message: clients give it up then. */
  attemptMs: number;
  /** From the handshake to the first message. */
  helloMs: number;
  /** From the handshake to the first price. */
  priceMs: number;
  /** How long the streams are watched. */
  watchMs: number;
  /** From one update to the next. */
  dueMs: number;
  /** Without an update for longer they have stopped. */
  gapMs: number;
  /** Where next to none of many prices changes for this long, no market may stand behind them. */
  frozenMs: number;
  /** A price received longer ago than this is old; undefined: as the gateway has it. */
  oldMs: number | undefined;
  /** A heartbeat may be so late. */
  lateMs: number;
  /** An event that comes so much later than others was held back on the way. */
  heldMs: number;
};

/**
 * `attemptMs` and `priceMs` are the SDK's own (client/src/vitals.ts); `dueMs` is the plain contract's.
 */
export const defaultTiming: Timing = {
  answerMs: 10_000,
  attemptMs: 5000,
  helloMs: 5000,
  priceMs: 10_000,
  watchMs: 15_000,
  dueMs: 1000,
  gapMs: 5000,
  frozenMs: 8000,
  oldMs: undefined,
  lateMs: 5000,
  heldMs: 3000,
};
