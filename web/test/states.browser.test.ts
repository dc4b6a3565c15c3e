import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startProxy, type TestProxy } from "../../client/test/support/proxy.ts";
import { EXCHANGES } from "../../server/src/emulator/venue.ts";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { graveColours, graveViolations } from "./support/axe.ts";
import { launchBrowser } from "./support/browser.ts";

const WAIT = { timeout: 15_000, interval: 50 };

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let browser: Browser;
let rig: Rig;
let proxy: TestProxy;
let page: Page;

beforeAll(async () => {
  rig = await startRig();
  proxy = await startProxy(rig.gateway.port);
  browser = await launchBrowser();
  page = await browser.newPage({
    viewport: { width: 1280, height: 500 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  await page.clock.install();
  await page.goto(`http://127.0.0.1:${proxy.port}/`);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await rig?.close();
});

const badge = () => page.locator(".badge").getAttribute("data-state");
const said = () => page.getByRole("status").innerText();
const icon = () => page.locator("link[rel=icon]").getAttribute("href");

it("has a live page that all can use, in light and in dark", async () => {
  await expect.poll(badge, WAIT).toBe("live");
  await page.locator('[data-asset="bitcoin"]:not(.stale)').waitFor();
  expect(await graveViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await graveColours(page)).toEqual([]);
});

it("says that prices are live once, and is silent while they move", async () => {
  expect(await said()).toBe("Connected. Prices are live.");
  expect(await page.locator("main [aria-live], main output").count()).toBe(0);
});

it("counts on the age of an old price, of which nothing else comes", async () => {
  for (const exchange of EXCHANGES) rig.emulator.break(exchange, "half-open");
  await expect.poll(badge, WAIT).toBe("stale");
  const age = async () => {
    const text = await page.locator('[data-asset="bitcoin"] .age').innerText();
    return Number(/^old, (\d+) s$/.exec(text)?.[1]);
  };
  const before = await age();
  await expect.poll(age, WAIT).toBeGreaterThanOrEqual(before + 2);
});

it("says that prices are stale, to the eye, to the ear, and in the tab; and all can use the page", async () => {
  expect(await said()).toMatch(/^Prices are stale\. [A-Z].*\.$/);
  expect(await page.locator(".notice").innerText()).toContain("The prices shown are old.");
  expect(await page.title()).toContain("(stale)");
  expect(await graveViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await graveColours(page)).toEqual([]);
});

it("says when prices are live again", async () => {
  for (const exchange of EXCHANGES) rig.emulator.mend(exchange);
  await expect.poll(badge, WAIT).toBe("live");
  await expect.poll(said, WAIT).toBe("Prices are live again.");
  expect(await page.locator(".notice").count()).toBe(0);
});

const asked: string[] = [];

it("gives up after ten attempts, and says so for all to see and hear", async () => {
  const live = await icon();
  await page.locator(".exchange").first().waitFor();
  await proxy.close();
  await expect.poll(badge, WAIT).toBe("reconnecting");
  expect(await said()).toBe("Connection lost, reconnecting. The prices shown are old.");
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await expect
    .poll(async () => {
      await page.clock.fastForward(30_000);
      return badge();
    }, WAIT)
    .toBe("failed");
  const reason = "Failed to establish price stream connection.";
  expect(await page.locator(".notice").innerText()).toContain(reason);
  expect(await said()).toBe(`${reason} The prices shown are old. You can retry.`);
  expect(await page.title()).toContain("(failed)");
  expect(await icon()).not.toBe(live);
  expect(await graveViolations(page)).toEqual([]);
});

it("asks nothing in vain meanwhile, and says that what it has heard of exchanges is old", async () => {
  expect(asked.filter((path) => /^\/(health|demo|api\/prices\/)/.test(path))).toEqual([]);
  const panel = page.locator(".demo-panel");
  expect(await panel.locator(".unknown").innerText()).toMatch(
    /^The gateway has not answered for \d+ (s|min)\. What stands here is old\.$/,
  );
  expect(await panel.getByRole("button").first().isDisabled()).toBe(true);
});

it("says until when the line of an asset goes, waits for nothing, and is live again after a retry", async () => {
  await page.locator('[data-asset="bitcoin"] a').click();
  expect(await page.locator("figcaption").innerText()).toMatch(/ until \d\d:\d\d:\d\d/);
  const missing = page.getByText("The chart could not be loaded.");
  await missing.waitFor();
  await page.clock.fastForward(3000);
  await expect.poll(() => page.locator(".asset-facts .bone").count(), WAIT).toBe(0);

  proxy = await startProxy(rig.gateway.port, proxy.port);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect.poll(badge, WAIT).toBe("live");
  expect(await page.title()).not.toContain("(failed)");
  await page.locator(".canvas canvas").first().waitFor();
  expect(await missing.count()).toBe(0);
});
