import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startProxy, type TestProxy } from "../../client/test/support/proxy.ts";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { graveViolations } from "./support/axe.ts";
import { launchBrowser } from "./support/browser.ts";

const WAIT = { timeout: 15_000, interval: 50 };

let browser: Browser;
let rig: Rig;
let proxy: TestProxy;
let page: Page;

beforeAll(async () => {
  rig = await startRig();
  proxy = await startProxy(rig.gateway.port);
  browser = await launchBrowser();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: "dark",
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  page = await context.newPage();
  await page.goto(`http://127.0.0.1:${proxy.port}/`);
  await page.locator("tbody tr").first().waitFor();
  await opener().click();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await rig?.close();
});

const opener = () => page.locator(".header").getByRole("button", { name: "Connection" });
const drawer = () => page.getByRole("dialog", { name: "Connection" });
/** What stands under a name. */
const told = (name: string) =>
  drawer()
    .locator("dl > div", { has: page.getByText(name, { exact: true }) })
    .locator("dd")
    .innerText();
const numberOf = async (name: string) => Number.parseFloat((await told(name)).replace("< ", ""));
const lines = () => drawer().getByRole("listitem").allInnerTexts();
const copied = () => page.evaluate(() => navigator.clipboard.readText());

it("tells the address and contract of the real connection, and how fast prices come", async () => {
  expect(await told("Address")).toBe(`ws://127.0.0.1:${proxy.port}/ws/prices`);
  await expect.poll(() => told("Connection"), WAIT).toBe("open");
  expect(await told("Contract")).toContain("WebSocket, cryptovault.v1.json");
  for (const name of ["Messages", "Data", "Latency", "Handshake"]) {
    await expect.poll(() => numberOf(name), WAIT).toBeGreaterThan(0);
  }
  expect(await told("Position")).toMatch(/^\d+ in epoch [\da-f-]{36}$/);
  expect(await told("Label")).toMatch(/^Demo/);
});

it("tells how the connection came about since the page began, with local times, for all to read", async () => {
  const story = (await lines()).toReversed();
  expect(story[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3}\s+Connecting to ws:/);
  expect(story[1]).toMatch(/Connected to price stream$/);
  expect(await graveViolations(page)).toEqual([]);
});

it("copies everything as text, and says so", async () => {
  await drawer().getByRole("button", { name: "Copy all" }).click();
  await drawer().getByRole("button", { name: "Copied" }).waitFor();
  const text = await copied();
  expect(text).toContain(`Address     ws://127.0.0.1:${proxy.port}/ws/prices\n`);
  expect(text).toMatch(/\nLatency {5}(< )?[\d,]+ ms\n/);
  expect(text).toMatch(/\n\d\d:\d\d:\d\d\.\d{3} {2}Connected to price stream\n/);
});

it("copies where there is no Clipboard API, and leaves the focus where it was", async () => {
  await page.evaluate(() => {
    const { clipboard } = navigator;
    Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
    return clipboard.writeText("something else").then(() => {
      addEventListener("copy", () => document.body.setAttribute("data-copied", ""), { once: true });
    });
  });
  await drawer().locator(".copy").click();
  await drawer().getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.locator("body[data-copied]").count()).toBe(1);
  await page.evaluate(() => Reflect.deleteProperty(navigator, "clipboard"));
  expect(await copied()).toContain("CryptoVault price stream, ");
  expect(await page.evaluate(() => document.activeElement?.className)).toBe("copy");
});

it("says what to do when the handshake is refused, for all to read, and can try at once", async () => {
  expect(await drawer().locator(".hints").count()).toBe(0);
  proxy.refuse(true);
  proxy.cut();
  await drawer().getByText("The handshake fails").waitFor();
  await page.emulateMedia({ colorScheme: "light" });
  expect(await graveViolations(page)).toEqual([]);
  proxy.refuse(false);
  await expect
    .poll(async () => {
      const tryNow = drawer().getByRole("button", { name: "Try now" });
      if (await tryNow.isVisible()) await tryNow.click({ timeout: 500 }).catch(() => {});
      return told("Connection");
    }, WAIT)
    .toBe("open");
}, 40_000);

it("closes on Escape or by its button, and gives the focus back", async () => {
  await page.keyboard.press("Escape");
  await expect.poll(() => drawer().count(), WAIT).toBe(0);
  expect(await opener().evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  await drawer().waitFor();
  await drawer().getByRole("button", { name: "Close" }).click();
  expect(await opener().evaluate((button) => button === document.activeElement)).toBe(true);
});

it("fills a phone's screen, and nothing sticks out", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await opener().click();
  const box = await drawer().boundingBox();
  expect([box?.x, box?.width, box?.height]).toEqual([0, 390, 844]);
  expect(await drawer().evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true);
});
