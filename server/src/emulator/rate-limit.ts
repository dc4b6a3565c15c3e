import type { Clock } from "../clock.ts";

/** Tells of each message whether it is still within `limit` messages in `perMs`. */
export function rateLimit(clock: Clock, limit: number, perMs: number): () => boolean {
  let recent: number[] = [];
  return () => {
    const now = clock.now();
    recent = recent.filter((time) => time > now - perMs);
    recent.push(now);
    return recent.length <= limit;
  };
}
