import type { Browser, Page } from "playwright-core";

export type Traced = {
  /**
   * The most CPU time that a single task took on a page's main thread, ms. Unlike its duration it does not
   * grow while other programs have the cores.
   */
  costliestMs: number;
  /** Frames of the page that were shown, and those that were due and were not, or not with all that was new. */
  frames: { shown: number; dropped: number };
};

/**
 * What `during` gives, and what pages cost meanwhile.
 * @see https://www.chromium.org/developers/how-tos/trace-event-profiling-tool/
 */
export async function traced<Result>(
  browser: Browser,
  page: Page,
  during: () => Promise<Result>,
): Promise<[Result, Traced]> {
  await browser.startTracing(page, { categories: CATEGORIES });
  const result = await during();
  const { traceEvents }: Trace = JSON.parse((await browser.stopTracing()).toString());
  const isMain = ({ name, args }: TraceEvent) =>
    name === "thread_name" && args?.name === "CrRendererMain";
  const mains = new Set(traceEvents.filter(isMain).map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.tdur !== undefined && mains.has(threadOf(event)),
  );
  if (tasks.length === 0) throw new Error("The browser traced no task of a page");
  const pages = new Set([...mains].map((thread) => thread.split("/")[0]));
  const count = (wanted: string) =>
    traceEvents.filter(({ name, pid }) => name === wanted && pages.has(`${pid}`)).length;
  return [
    result,
    {
      costliestMs: tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000,
      frames: { shown: count("DrawFrame"), dropped: count("DroppedFrame") },
    },
  ];
}

const CATEGORIES = ["toplevel", "__metadata", "disabled-by-default-devtools.timeline.frame"];

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
