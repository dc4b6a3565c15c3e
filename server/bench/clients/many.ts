import { setTimeout as sleep } from "node:timers/promises";
import { activeResources, heapUsed, surplus } from "../chaos/stock.ts";
import { type Report, run } from "./run.ts";
import { newCounts } from "./witness.ts";

/** What happens in each run. */
const STEPS = 500;
/** Runs beside each other: while one waits for its sockets, others go on. */
const ABREAST = 8;
/** No more runs are begun after so many with violations. */
const ENOUGH = 3;
/** The heap is measured after so many runs, and must not have grown by more until the end, bytes. */
const WARM_UP = 100;
const HEAP_GROWTH = 16 * 1024 * 1024;

/** Runs one seed after the other. What the process has open and in use must be as before. */
export async function runMany(
  { seed, runs }: { seed: number; runs: number },
  tell: (done: number) => void = () => {},
) {
  const before = activeResources();
  const failures: Report[] = [];
  const counts = newCounts();
  const startedAt = performance.now();
  let done = 0;

  const runUpTo = async (first: number, end: number) => {
    let next = first;
    const lane = async () => {
      while (next < end && failures.length < ENOUGH) {
        const result = await run(seed + next++, STEPS);
        if (result.violations.length > 0) failures.push(result);
        for (const kind of countKinds) counts[kind] += result.counts[kind];
        tell(++done);
      }
    };
    await Promise.all(Array.from({ length: ABREAST }, lane));
  };

  const warmUp = Math.min(runs, WARM_UP);
  await runUpTo(0, warmUp);
  const heapBefore = heapUsed();
  await runUpTo(warmUp, runs);
  const runsPerS = (runs / (performance.now() - startedAt)) * 1000;
  const heapGrowth = heapUsed() - heapBefore;

  const open = () => surplus(before, activeResources());
  for (let n = 0; n < 100 && open().length > 0; n++) await sleep(20);
  const leaks = [
    ...open().map((what) => `left open: ${what}`),
    ...(heapGrowth > HEAP_GROWTH ? [`the heap has grown by ${heapGrowth} bytes`] : []),
  ];
  return { failures, leaks, counts: { ...counts, heapGrowth }, runsPerS };
}

const countKinds = Object.keys(newCounts()) as (keyof ReturnType<typeof newCounts>)[];
