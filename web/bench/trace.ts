import type { Browser, Page } from "playwright-core";

/**
 * What `during` gives, and the most CPU time that a single task took on a page's main thread meanwhile, ms.
 * Unlike its duration it does not grow while other programs have the cores.
 * @see https://www.chromium.org/developers/how-tos/trace-event-profiling-tool/
 */
export async function costliestTask<Result>(
  browser: Browser,
  page: Page,
  during: () => Promise<Result>,
): Promise<[Result, number]> {
  await browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
  const result = await during();
  const { traceEvents }: Trace = JSON.parse((await browser.stopTracing()).toString());
  const isMain = ({ name, args }: TraceEvent) =>
    name === "thread_name" && args?.name === "CrRendererMain";
  const mains = new Set(traceEvents.filter(isMain).map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.tdur !== undefined && mains.has(threadOf(event)),
  );
  if (tasks.length === 0) throw new Error("The browser traced no task of a page");
  return [result, tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000];
}

type Trace = { traceEvents: TraceEvent[] };
/** `tdur`: CPU time, µs. */
type TraceEvent = {
  name: string;
  pid: number;
  tid: number;
  tdur?: number;
  args?: { name?: unknown };
};

const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
