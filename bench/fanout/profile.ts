import type { Profiler } from "node:inspector";

/** A function, and its own share of the busy time, percent. */
export type SelfTime = { name: string; percent: number };

/** Waiting, and the profiler's own work. */
const NOT_COUNTED = ["(idle)", "post  node:inspector"];

/** Sums up a profile by function, the most expensive first. */
export function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? "";
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  for (const name of NOT_COUNTED) times.delete(name);
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([name, time]) => ({ name, percent: (100 * time) / busy }))
    .sort((a, b) => b.percent - a.percent);
}

/** `write stream_base_commons` for a function of a file; V8's own have no file. */
function nameOf({ functionName, url }: Profiler.Profile["nodes"][number]["callFrame"]): string {
  const file = url.split("/").slice(-2).join("/");
  return [functionName || "(anonymous)", file].filter(Boolean).join("  ");
}
