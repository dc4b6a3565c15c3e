/** What is known of many durations, ms. */
export type Durations = { count: number; p50: number; p99: number; max: number };

const LONGEST_MS = 120_000;

/** Counts durations in whole milliseconds. */
export function createTally() {
  const counts = new Uint32Array(LONGEST_MS + 1);
  let count = 0;

  const percentile = (share: number): number => {
    let below = 0;
    return counts.findIndex((number) => {
      below += number;
      return below >= share * count;
    });
  };

  return {
    add(ms: number) {
      const index = Math.min(Math.max(0, Math.round(ms)), LONGEST_MS);
      counts[index] = (counts[index] ?? 0) + 1;
      count++;
    },
    /** Everything since the last time this was asked. Without any, all is 0. */
    take(): Durations {
      const max = counts.findLastIndex((number) => number > 0);
      const taken = { count, p50: percentile(0.5), p99: percentile(0.99), max: Math.max(0, max) };
      counts.fill(0);
      count = 0;
      return taken;
    },
  };
}
