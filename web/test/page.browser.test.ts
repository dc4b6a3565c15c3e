import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { EXCHANGES } from "../../server/src/emulator/venue.ts";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { launchBrowser } from "./support/browser.ts";

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let rig: Rig;
let page: Page;
const requests: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  rig = await startRig({ timing: { staleAfterMs: 2500 } });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${rig.gateway.port}/`);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await rig?.close();
});

const badge = () => page.locator(".badge").getAttribute("data-state");
const source = () => page.getByTestId("source").innerText();
const bitcoin = () => page.locator('[data-asset="bitcoin"] .price').innerText();
const shownAsLive = () => page.locator("tbody tr:not(.stale) .amount").count();
const WAIT = { timeout: 15_000 };

it("shows live prices that move, with names and 24 h change, and says that they are made up", async () => {
  await expect.poll(badge, WAIT).toBe("live");
  await expect.poll(source, WAIT).toBe("coincap");
  const first = await bitcoin();
  expect(first).toMatch(/\$\d{2,3},\d{3}\.\d{2}/);
  await expect.poll(bitcoin, WAIT).not.toBe(first);
  const row = page.locator('[data-asset="bitcoin"]');
  expect(await row.innerText()).toMatch(/Bitcoin\s+BTC/);
  expect(await row.locator(".change").innerText()).toMatch(/^[+−]?\d+\.\d{2} %$/);
  expect(await page.locator(".label").innerText()).toMatch(/^Demo data: made up/);
});

it("tells of a move by a mark, not by colour alone", async () => {
  const content = () =>
    page.evaluate(() => {
      const flash = document.querySelector("tbody .flash");
      return flash && getComputedStyle(flash, "::before").content;
    });
  await expect.poll(content, WAIT).toMatch(/[▲▼]/);
});

it("passes the top assets by, and stands still while pointed at, in focus, or told to", async () => {
  const motion = () =>
    page.locator(".ticker-belt").evaluate((belt) => getComputedStyle(belt).animationPlayState);
  expect(await motion()).toBe("running");
  await page.locator(".ticker").hover();
  expect(await motion()).toBe("paused");
  await page.mouse.move(600, 500);
  expect(await motion()).toBe("running");
  await page.locator(".ticker a").first().focus();
  expect(await motion()).toBe("paused");
  await page.locator(".ticker a").first().blur();
  expect(await motion()).toBe("running");
  await page.getByRole("button", { name: "Stop the ticker" }).click();
  await page.mouse.move(600, 500);
  await page.getByRole("button", { name: "Let the ticker move" }).blur();
  expect(await motion()).toBe("paused");
  // Only once for who reads or tabs through it.
  expect(await page.locator(".ticker").getByRole("link").count()).toBe(12);
});

it("lets who wants no motion scroll through the top assets instead", async () => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const strip = await page.locator(".ticker-window").evaluate((element) => ({
    moves: getComputedStyle(element.children[0] ?? element).animationName !== "none",
    scrolls: element.scrollWidth > element.clientWidth,
    items: [...element.querySelectorAll("li")].filter((item) => item.checkVisibility()).length,
  }));
  expect(strip).toEqual({ moves: false, scrolls: true, items: 12 });
  await page.emulateMedia({ reducedMotion: "no-preference" });
});

it("names the next exchange when one is broken from the demo's panel, and the first again when mended", async () => {
  const coincap = page.locator('[data-exchange="coincap"]');
  await coincap.getByRole("combobox").selectOption("stall");
  await coincap.getByRole("button", { name: "Break" }).click();
  await expect.poll(source, WAIT).toBe("binance");
  expect(await badge()).toBe("live");
  await expect.poll(bitcoin, WAIT).toMatch(/\$[\d,.]+\s+from USDT$/);
  await coincap.getByRole("button", { name: "Mend" }).click();
  await expect.poll(source, WAIT).toBe("coincap");
});

it("shows no price as live when every exchange is gone, and is live again when they are back", async () => {
  for (const exchange of EXCHANGES) rig.emulator.break(exchange, "half-open");
  await expect.poll(badge, WAIT).toBe("stale");
  await expect.poll(() => page.title()).toContain("(stale)");
  await expect.poll(shownAsLive, WAIT).toBe(0);
  expect(await bitcoin()).toContain("old");
  for (const exchange of EXCHANGES) rig.emulator.mend(exchange);
  await expect.poll(badge, WAIT).toBe("live");
});

it("fits a phone: nothing is cut off", async () => {
  await page.setViewportSize({ width: 360, height: 800 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  const cut = await page
    .locator("tbody .amount")
    .evaluateAll((amounts) =>
      amounts
        .filter(
          (amount) =>
            amount.getBoundingClientRect().left <
            (amount.parentElement?.getBoundingClientRect().left ?? Infinity),
        )
        .map((amount) => amount.textContent),
    );
  expect(cut).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });
});

it("has asked nothing beyond its own origin, and complained of nothing", () => {
  const own = `127.0.0.1:${rig.gateway.port}`;
  const network = requests.filter((url) => !url.startsWith("data:"));
  expect(network.filter((url) => new URL(url).host !== own)).toEqual([]);
  // While every exchange is gone, /health answers 503, which Chromium writes to the console.
  expect(complaints.filter((text) => !text.includes("503"))).toEqual([]);
});

it("connects, and asks for names and ranks, while what draws the page is still on its way", async () => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await page.route("**/page-*.js", async (route) => {
    await arrived;
    await route.continue();
  });
  const before = requests.length;
  await page.goto("about:blank");
  await page.goto(`http://127.0.0.1:${rig.gateway.port}/`, { waitUntil: "commit" });
  const asked = () => requests.slice(before).map((url) => new URL(url).pathname);
  await expect.poll(asked, WAIT).toEqual(expect.arrayContaining(["/ws/prices", "/api/prices"]));
  expect(await page.locator(".app").count()).toBe(0);
  arrive();
  await expect.poll(badge, WAIT).toBe("live");
  await page.unroute("**/page-*.js");
});

it.each([1440, 360])(
  "keeps its parts where they are while it begins, %i px wide",
  async (width) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto("about:blank");
    await page.goto(`http://127.0.0.1:${rig.gateway.port}/`);
    await expect.poll(badge, WAIT).toBe("live");
    await page.locator(".exchange").first().waitFor({ state: "attached" });
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const total = (list: PerformanceObserverEntryList) =>
            list
              .getEntries()
              .reduce((sum, entry) => sum + ("value" in entry ? Number(entry.value) : 0), 0);
          new PerformanceObserver((list) => resolve(total(list))).observe({
            type: "layout-shift",
            buffered: true,
          });
          setTimeout(resolve, 300, 0);
        }),
    );
    expect(shift).toBeLessThan(0.05);
  },
);

it("brings along the licences of what its scripts contain, and who made its charts", async () => {
  const read = async (file: string) =>
    (await fetch(`http://127.0.0.1:${rig.gateway.port}/${file}`)).text();
  const licences = await read("licences.md");
  for (const name of ["react-dom", "lightweight-charts"]) expect(licences).toContain(`## ${name} `);
  expect(await read("notice.txt")).toContain("https://www.tradingview.com/");
});

it("says that it reconnects, and how often it has tried, when the gateway is gone", async () => {
  await rig.gateway.close();
  await expect.poll(badge, WAIT).toBe("reconnecting");
  await expect
    .poll(() => page.locator(".badge-state").innerText(), WAIT)
    .toMatch(/Reconnecting \d+\/10/);
  expect(await shownAsLive()).toBe(0);
});
