import type { Browser, Page } from "playwright-core";
import { type Traced, traced } from "./trace.ts";

export type Watched = Traced & {
  /** Durations of the tasks that took longer than 50 ms, ms. */
  longTasks: number[];
  /** What the page's main thread took of a core, percent. */
  cpuPercent: number;
};

/**
 * Watches what the page's main thread does for a while.
 * @param meanwhile what is done to the page at the same time
 * @see https://www.w3.org/TR/longtasks-1/
 */
export async function watch(
  browser: Browser,
  page: Page,
  ms: number,
  meanwhile = async (_until: number) => {},
): Promise<Watched> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const read = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    return { at: of("Timestamp"), cpu: of("ThreadTime") };
  };
  const before = await read();
  const [longTasks, costs] = await traced(browser, page, async () => {
    const watching = page.evaluate(async (ms) => {
      const longTasks: number[] = [];
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longTasks.push(duration);
      });
      observer.observe({ type: "longtask" });
      await new Promise((resolve) => setTimeout(resolve, ms));
      observer.disconnect();
      return longTasks;
    }, ms);
    await meanwhile(performance.now() + ms);
    return watching;
  });
  const after = await read();
  await devtools.detach();
  return {
    longTasks,
    ...costs,
    cpuPercent: (100 * (after.cpu - before.cpu)) / (after.at - before.at),
  };
}

/** Turns the wheel through the whole list, and back. */
export async function scroll(page: Page, until: number): Promise<void> {
  await page.mouse.move(500, 500);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const step = (4 * height * STEP_MS) / (until - performance.now());
  let direction = 1;
  while (performance.now() < until) {
    await page.mouse.wheel(0, direction * step);
    await page.waitForTimeout(STEP_MS);
    const atEnd = await page.evaluate(
      () => scrollY + innerHeight >= document.documentElement.scrollHeight - 1,
    );
    if (atEnd) direction = -1;
  }
}

const STEP_MS = 50;
