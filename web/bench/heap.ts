import type { PricesResponse } from "@cryptovault/price-stream/protocol";
import type { Browser, CDPSession } from "playwright-core";
import { startFlood } from "./flood.ts";

const WARM_UP = 4000;
const UPDATES = 10_000;
const PARTS = 5;

/**
 * The heap of the page, without garbage: after a warm-up, and after each fifth of ten thousand updates
 * more. The built page takes them from a server that sends faster than any market; all else comes from the
 * gateway.
 * @returns bytes
 */
export async function heapOverUpdates(browser: Browser, gateway: number): Promise<number[]> {
  const { assets }: PricesResponse = await (
    await fetch(`http://127.0.0.1:${gateway}/api/prices`)
  ).json();
  const flood = await startFlood(
    gateway,
    assets.map(({ id }) => id),
  );
  const page = await browser.newPage();
  await page.goto(flood.url);
  await page.locator("tbody tr:not(.stale) .amount").first().waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.enable");
  await flood.send(WARM_UP);
  const sizes = [await liveBytes(devtools)];
  for (let part = 0; part < PARTS; part++) {
    await flood.send(UPDATES / PARTS);
    sizes.push(await liveBytes(devtools));
  }
  await page.close();
  await flood.close();
  return sizes;
}

/** Twice: the first frees what finalizers hold. */
async function liveBytes(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize;
}
