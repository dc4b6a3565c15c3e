import type { FeedTiming } from "./feed.ts";

export const defaultTiming: FeedTiming = {
  staleAfterMs: 60_000,
  failoverAfterMs: 30_000,
  holdMs: 30_000,
  connectTimeoutMs: 10_000,
  stableMs: 60_000,
  backoff: { baseMs: 1000, capMs: 30_000 },
  fatalRetryMs: 300_000,
};
