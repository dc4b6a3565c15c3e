import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EXCHANGES } from "../../server/src/emulator/venue.ts";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { graveColours, graveViolations } from "./support/axe.ts";
import { launchBrowser } from "./support/browser.ts";

const WAIT = { timeout: 15_000, interval: 50 };

let browser: Browser;
let rig: Rig;
let page: Page;
let url: string;

beforeAll(async () => {
  rig = await startRig({ timing: { staleAfterMs: 2500 } });
  browser = await launchBrowser();
  page = await browser.newPage({
    viewport: { width: 1280, height: 1000 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  await page.clock.install();
  url = `http://127.0.0.1:${rig.gateway.port}/`;
  await page.goto(`${url}#/bitcoin`);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await rig?.close();
});

const price = () => page.locator(".live-price .amount").innerText();
const row = (exchange: string) => page.locator(`[data-source="${exchange}"]`);
const standing = (exchange: string) => row(exchange).getAttribute("data-standing");
const seconds = async (text: Promise<string>) => Number(/(\d+) s/.exec(await text)?.[1]);

/** How many pixels of the chart have one of the colours that lines have in this theme. */
const pixelsOfLine = () =>
  page.locator(".canvas canvas").evaluateAll((canvases) => {
    const probe = document.body.appendChild(document.createElement("i"));
    const colours = ["up", "down", "quiet"].map((token) => {
      probe.style.color = `var(--${token})`;
      return getComputedStyle(probe).color.match(/\d+/g)?.map(Number);
    });
    probe.remove();
    const isOfLine = (data: Uint8ClampedArray, at: number) =>
      data[at + 3] === 255 &&
      colours.some((colour) => colour?.every((part, index) => part === data[at + index]));
    // The largest is the pane; the others are its axes.
    const area = (canvas: Element) => canvas.clientWidth * canvas.clientHeight;
    const panes = [...canvases].sort((a, b) => area(b) - area(a)).slice(0, 2);
    let count = 0;
    for (const pane of panes) {
      if (!(pane instanceof HTMLCanvasElement)) continue;
      const data = pane.getContext("2d")?.getImageData(0, 0, pane.width, pane.height).data;
      for (let at = 0; data && at < data.length; at += 4) if (isOfLine(data, at)) count++;
    }
    return count;
  });

/** Stretches of the chart with an area below a line, and the part of the width that is empty at the end. */
const stretches = () =>
  page.locator(".canvas canvas").evaluateAll((canvases) => {
    const area = (canvas: Element) => canvas.clientWidth * canvas.clientHeight;
    const pane = canvases.reduce((one, other) => (area(other) > area(one) ? other : one));
    if (!(pane instanceof HTMLCanvasElement)) return { count: 0, emptyEnd: 1 };
    const { width, height } = pane;
    const data = pane.getContext("2d")?.getImageData(0, 0, width, height).data;
    let [count, last] = [0, -2];
    for (let x = 0; data && x < width; x++) {
      // The area alone is thick: lines of the grid and of the last price have one pixel, itself two.
      let [thickness, thickest] = [0, 0];
      for (let y = 0; y < height; y++) {
        thickness = (data[(y * width + x) * 4 + 3] ?? 0) > 0 ? thickness + 1 : 0;
        thickest = Math.max(thickest, thickness);
      }
      if (thickest < 8) continue;
      if (x > last + 1) count++;
      last = x;
    }
    return { count, emptyEnd: 1 - (last + 1) / width };
  });

it("shows a price that moves, of the asset that the address names", async () => {
  await page.getByRole("heading", { name: "Bitcoin", level: 2 }).waitFor();
  const first = await price();
  expect(first).toMatch(/^\$[\d,]+\.\d\d$/);
  await expect.poll(price, WAIT).not.toBe(first);
  expect(await page.locator(".remarks").innerText()).toMatch(/^[a-z]+, (just now|\d+ s ago)/);
});

it("draws the last minutes, in the colours of the theme, and says them in a sentence", async () => {
  await expect.poll(pixelsOfLine, WAIT).toBeGreaterThan(60);
  const { count, emptyEnd } = await stretches();
  expect(count).toBe(1);
  expect(emptyEnd).toBeLessThan(0.02);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(pixelsOfLine, WAIT).toBeGreaterThan(60);
  await page.emulateMedia({ colorScheme: "light" });
  const sentence = /^(Up|Down|Unchanged) .*in \d+ seconds?, between [\d,.]+ and [\d,.]+ USD\./;
  await expect.poll(() => page.locator("figcaption").innerText(), WAIT).toMatch(sentence);
});

it("shows what each exchange says, how old that is, and what it counts for", async () => {
  await row("coincap").waitFor();
  expect(await page.locator("[data-source]").count()).toBe(3);
  await expect.poll(() => standing("coincap"), WAIT).toBe("speaking");
  await expect.poll(() => standing("binance"), WAIT).toBe("ready");
  expect(await row("binance").innerText()).toMatch(/\$[\d,.]+\s+from [\d,.]+ USDT\s+[+−]?\d/);
  expect(await row("coinbase").locator(".age").innerText()).toMatch(/^(now|\d s)$/);
  expect(await row("coinbase").locator(".lag").innerText()).toMatch(/\d (ms|s)$/);
  expect(await page.locator(".asset-facts").innerText()).toMatch(/Spread\s+0\.\d+ %\s+between 3/);
  const [title, value] = await Promise.all(
    ["dt", "dd"].map((part) => page.locator(`.asset-facts ${part}`).first().boundingBox()),
  );
  expect(value?.y).toBeGreaterThanOrEqual((title?.y ?? NaN) + (title?.height ?? NaN));
});

it("can be used by all, live, in light and in dark, and tells screen readers of no tick", async () => {
  expect(await graveViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await graveColours(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await page.locator("main [aria-live], main output, main [role=status]").count()).toBe(0);
}, 60_000);

it("shows an exchange that has stopped as stale, and counts its age on", async () => {
  rig.emulator.break("coinbase", "half-open");
  await expect.poll(() => standing("coinbase"), WAIT).toBe("stale");
  const age = () => seconds(row("coinbase").locator(".age").innerText());
  const before = await age();
  await expect.poll(age, WAIT).toBeGreaterThanOrEqual(before + 2);
  expect(await standing("coincap")).toBe("speaking");
  expect(await page.locator(".asset-facts").innerText()).toContain("2 of 3 fresh");
});

it("says of an old price that it is old and how old, and draws no line where it was", async () => {
  for (const exchange of EXCHANGES) rig.emulator.break(exchange, "half-open");
  const remarks = () => page.locator(".remarks").innerText();
  await expect.poll(remarks, WAIT).toMatch(/^Old: received \d+ s ago/);
  const before = await seconds(remarks());
  await expect.poll(() => seconds(remarks()), WAIT).toBeGreaterThanOrEqual(before + 2);
  // Nothing changes by now: a cached answer of the gateway would go on to tell the age of then.
  const age = () => seconds(row("coinbase").locator(".age").innerText());
  await expect.poll(age, WAIT).toBeGreaterThanOrEqual(8);
  expect(await page.locator(".mark").count()).toBe(0);
  expect((await stretches()).emptyEnd).toBeGreaterThan(0.02);
  expect(await graveViolations(page)).toEqual([]);

  for (const exchange of EXCHANGES) rig.emulator.mend(exchange);
  await expect.poll(remarks, WAIT).toMatch(/^[a-z]+, just now/);
  const caption = () => page.locator("figcaption").innerText();
  await expect.poll(caption, WAIT).toContain("There is no line where the price was not live.");
  await expect.poll(async () => (await stretches()).count, WAIT).toBe(2);
}, 60_000);

it("says that the gateway does not answer, and claims nothing of the present by then", async () => {
  await page.route("**/api/prices/*", (route) => route.abort());
  await page.clock.fastForward(8000);
  const silence = page.locator(".silence");
  await expect.poll(() => silence.innerText(), WAIT).toMatch(/has not answered for \d+ s\./);
  expect(await page.locator(".asset-facts").innerText()).not.toContain("fresh");
  await page.unroute("**/api/prices/*");
  await silence.waitFor({ state: "detached" });
});

it("tells what the gateway answers instead, where it does answer", async () => {
  const error = { code: "draining", message: "The gateway is being restarted." };
  await page.route("**/api/prices/*", (route) => route.fulfill({ status: 503, json: { error } }));
  await page.clock.fastForward(8000);
  const silence = page.locator(".silence");
  await expect
    .poll(() => silence.innerText(), WAIT)
    .toBe(
      "The gateway answers with an error: 503, The gateway is being restarted. What stands here is old.",
    );
  await page.unroute("**/api/prices/*");
  await silence.waitFor({ state: "detached" });
});

it("leads back to the list, where lines say in words where prices went", async () => {
  await page.getByRole("button", { name: "Favourite: Bitcoin" }).click();
  await page.getByRole("link", { name: "All prices" }).click();
  const bitcoin = page.getByRole("row", { name: /Bitcoin BTC/ });
  await bitcoin.getByRole("img", { name: /^(up|down|unchanged) .*in \d+ seconds?$/ }).waitFor();
  expect(await bitcoin.getByRole("button", { pressed: true }).count()).toBe(1);
});

it("does without the chart where it cannot be loaded", async () => {
  await page.route("**/drawing-*.js", (route) => route.abort());
  await page.goto("about:blank");
  await page.goto(`${url}#/ETH`);
  await page.getByText("The chart could not be loaded.").waitFor();
  await row("coincap").waitFor();
});
