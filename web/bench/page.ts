/**
 * What the page costs whoever looks at it, in a real browser on the real gateway: docs/performance.md. A
 * table, and exit code 1 where a limit is broken.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { launchBrowser } from "../test/support/browser.ts";
import { firstPrices } from "./first-price.ts";
import { heapOverUpdates } from "./heap.ts";
import { figuresOf, isBroken, type Measured, table, toJson } from "./report.ts";
import { pageSizes } from "./size.ts";
import { startStage } from "./stage.ts";
import { scroll, watch } from "./ticks.ts";

const { values: options } = parseArgs({
  options: {
    /** One JSON object instead of the table. */
    json: { type: "boolean", default: false },
    /** How often to load the page. */
    loads: { type: "string", default: "5" },
    /** How long to watch the ticks, and then the scrolling. */
    seconds: { type: "string", default: "60" },
    scroll: { type: "string", default: "30" },
  },
});
const tickSeconds = Number(options.seconds);
const scrollSeconds = Number(options.scroll);
/** Then all that loading brings about is over. */
const SETTLED_MS = 5000;

const loadNow = () => loadavg()[0] ?? Number.NaN;
const loadBefore = loadNow();
const stage = await startStage();
const browser = await launchBrowser();
const firsts = await firstPrices(browser, stage.url, Number(options.loads));

const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(stage.url);
await page.locator("tbody tr:not(.stale) .amount").first().waitFor();
await page.waitForTimeout(SETTLED_MS);
const ticks = await watch(browser, page, tickSeconds * 1000);
const scrolling = await watch(browser, page, scrollSeconds * 1000, (until) => scroll(page, until));
await page.close();

const heap = await heapOverUpdates(browser, stage.gateway.port);

const measured: Measured = {
  browser: `Chromium ${browser.version()}`,
  loads: [loadBefore, loadNow()],
  firstPrices: firsts,
  tickSeconds,
  ticks,
  scrollSeconds,
  scrolling,
  heap,
  sizes: pageSizes(),
};
await browser.close();
await stage.close();

const figures = figuresOf(measured);
console.log(options.json ? JSON.stringify(toJson(figures)) : table(measured, figures));
process.exitCode = figures.some(isBroken) ? 1 : 0;
