import { type Point, type Trend, trendOf, type Verdict, verdictOn } from "./slope.ts";

/** What is looked at during a run. */
export type Sample = {
  atMs: number;
  /** V8's heap, after a collection of garbage. */
  heapMiB: number;
  /** Buffers outside of it that it holds. */
  buffersMiB: number;
  rssMiB: number;
  /** Sockets, timers and the like that the process holds, without the sockets of clients. */
  handles: number;
  eventLoopP99Ms: number;
  /** From the receipt of a price by the gateway until a client has it: half are younger. */
  ageMs: number;
  /** How late the event loop of the soak itself was, which has nothing to do with the gateway. */
  ownP99Ms: number;
};

type Measure = Exclude<keyof Sample, "atMs" | "ownP99Ms">;

/**
 * Growth that is let pass, per hour: what a gateway that runs for a week (168 h) can bear.
 * Memory: 2 MiB make 336, what is left of 512 beside the 150 or so that it takes.
 * Handles: 6 make 1,008, all files that a process may have open where nobody has raised the limit.
 * Event loop: 0.6 ms make 100, half of what the alert allows.
 * Age: 6 ms make a second, as long as an interval of the plain contract.
 */
export const ALLOWED: Record<Measure, number> = {
  heapMiB: 2,
  buffersMiB: 2,
  rssMiB: 2,
  handles: 6,
  eventLoopP99Ms: 0.6,
  ageMs: 6,
};

/**
 * While code is compiled and buffers find their size, all grows: the resident memory of a new gateway from 133
 * to 150 MiB within 3.5 min. So much of a run is not looked at: a share of it, but no less than so long, ms.
 */
export const WARM_UP = { share: 1 / 3, leastMs: 240_000 };

/** Where the soak itself is as late as this, the machine is at fault, and latencies tell nothing, ms. */
const BUSY_MS = 50;
const LATENCIES: readonly Measure[] = ["eventLoopP99Ms", "ageMs"];

/** What a gateway may still gain by settling after the warm-up, in all: 0.6 MiB of heap were measured. */
const SETTLING: Partial<Record<Measure, number>> = { heapMiB: 1.5, buffersMiB: 1.5, rssMiB: 3 };

export type Row = { measure: Measure; allowed: number; verdict: Verdict; trend: Trend | undefined };

/** A row for each measure; `open` where there are too few samples. */
export function assess(samples: readonly Sample[]): Row[] {
  const forMs = samples.at(-1)?.atMs ?? 0;
  const warmAt = Math.max(forMs * WARM_UP.share, WARM_UP.leastMs);
  const warm = samples.filter(({ atMs }) => atMs > warmAt);
  return measures.map((measure) => {
    const isLatency = LATENCIES.includes(measure);
    const points: Point[] = warm
      .filter(({ ownP99Ms }) => !isLatency || ownP99Ms < BUSY_MS)
      .map((sample) => ({ atMs: sample.atMs, value: sample[measure] }))
      .filter(({ value }) => Number.isFinite(value));
    const hours = Math.max(0, forMs - warmAt) / 3_600_000;
    const allowed = ALLOWED[measure] + (SETTLING[measure] ?? 0) / hours;
    return { measure, allowed, trend: trendOf(points), verdict: verdictOn(points, allowed) };
  });
}

const measures: readonly Measure[] = [
  "heapMiB",
  "buffersMiB",
  "rssMiB",
  "handles",
  "eventLoopP99Ms",
  "ageMs",
];
