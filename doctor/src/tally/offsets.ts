import type { LagSeen } from "../seen.ts";

/** Without a zone nobody knows which moment it means. */
const ZONED = /(Z|[+-]\d\d:?\d\d)$/i;

/** Holds the times that messages came against the times within. */
export function createOffsets() {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;

  return {
    /** @param ms since 1970, or some other moment that is the same for all */
    add(ms: number, timestamp: string) {
      const offset = ms - Date.parse(timestamp);
      if (!ZONED.test(timestamp) || Number.isNaN(offset)) return;
      least = Math.min(least, offset);
      most = Math.max(most, offset);
      latest = Math.max(latest, ms - offset);
    },
    /** The latest time within, ms since 1970. */
    latest: (): number | null => (least > most ? null : latest),
    seen: (): LagSeen | null => (least > most ? null : { leastMs: least, heldMs: most - least }),
  };
}
