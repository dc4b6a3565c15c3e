import type { Browser } from "playwright-core";

/** From the begin of each of some loads, with an empty cache, until a live price stands in the list, ms. */
export async function firstPrices(browser: Browser, url: string, loads: number): Promise<number[]> {
  const times: number[] = [];
  for (let load = 0; load < loads; load++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector("tbody tr:not(.stale) .amount")) return;
        observer.disconnect();
        performance.mark("first price");
      });
      observer.observe(document, { childList: true, subtree: true, attributes: true });
    });
    await page.goto(url);
    const mark = await page.waitForFunction(
      () => performance.getEntriesByName("first price")[0]?.startTime,
    );
    times.push((await mark.jsonValue()) ?? Number.NaN);
    await context.close();
  }
  return times;
}
