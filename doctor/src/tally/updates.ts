import type { UpdatesSeen } from "../seen.ts";

/** Counts updates, and the time between them. */
export function createUpdates() {
  const seen: UpdatesSeen = { updates: 0, firstMs: null, lastMs: null, gapMs: 0 };
  return {
    add(ms: number) {
      seen.updates++;
      seen.firstMs ??= ms;
      if (seen.lastMs !== null) seen.gapMs = Math.max(seen.gapMs, ms - seen.lastMs);
      seen.lastMs = ms;
    },
    seen: (): UpdatesSeen => ({ ...seen }),
  };
}
