import { secondIsOver } from "./limits.ts";

/** Counts within one second, by key. @returns whether one more of `key` is within `most` */
export function createRate(most: number, now: () => number): (key: string) => boolean {
  let counts = new Map<string, number>();
  let start = 0;
  return (key) => {
    if (secondIsOver(start, now())) {
      start = now();
      counts = new Map();
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= most;
  };
}
