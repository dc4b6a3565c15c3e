import type { FailoverTiming } from "./failover.ts";
import type { LaneTiming } from "./lane.ts";

/** Waits and limits of the feed, ms. A price that is older than `staleAfterMs` is stale. */
export type FeedTiming = FailoverTiming & LaneTiming & { staleAfterMs: number };

export const defaultTiming: FeedTiming = {
  staleAfterMs: 60_000,
  failoverAfterMs: 30_000,
  holdMs: 30_000,
  connectTimeoutMs: 10_000,
  stableMs: 60_000,
  backoff: { baseMs: 1000, capMs: 30_000 },
  fatalRetryMs: 300_000,
};
