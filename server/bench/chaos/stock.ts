import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What keeps the process alive, by kind: sockets, servers, timers, open files. */
export function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What there is more of in `after` than in `before`. */
export const surplus = (before: Map<string, number>, after: Map<string, number>): string[] =>
  [...after].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} ${kind}`] : [];
  });

/** Bytes of the heap in use after a full collection of garbage. */
export function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed;
}
