import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchBrowser } from "../../web/test/support/browser.ts";
import type { SharedStreamOptions } from "../src/tabs.ts";
import { type ServedPage, servePage } from "./support/page.ts";
import { startV1Server, type V1Server } from "./support/v1-server.ts";

const WAIT = { timeout: 10_000, interval: 20 };

let served: ServedPage;
let browser: Browser;
let context: BrowserContext;
let server: V1Server;

beforeAll(async () => {
  [served, browser] = await Promise.all([
    servePage(fileURLToPath(new URL("support/tabs.ts", import.meta.url))),
    launchBrowser(),
  ]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

beforeEach(async () => {
  server = await startV1Server();
  server.set({ bitcoin: "1", ethereum: "2", tron: "3" });
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await server.close();
});

/** Opens a tab that shares; `prepare` comes before the page's own script. */
async function tab(options: Partial<SharedStreamOptions> = {}, prepare = () => {}): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(prepare);
  await page.goto(served.url);
  await page.evaluate((options) => share(options), { url: server.url, ...options });
  return page;
}

async function liveTab(options: Partial<SharedStreamOptions> = {}, prepare = () => {}) {
  const page = await tab(options, prepare);
  await expect.poll(() => state(page), WAIT).toBe("live");
  return page;
}

const status = (page: Page) => page.evaluate(() => stream.status);
const state = async (page: Page) => (await status(page)).state;
const seen = (page: Page) => page.evaluate(() => globalThis.seen);
const shown = (page: Page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...stream.all().values()].map(({ asset, price, stale }) => [asset, stale ? "old" : price]),
    ),
  );

/** Ends the tab's process, as running out of memory would. */
async function crash(page: Page) {
  const session = await context.newCDPSession(page);
  await Promise.race([page.waitForEvent("crash"), session.send("Page.crash").catch(() => {})]);
}

it("lets two tabs share one connection, and shows each what it asks for", async () => {
  const some = await liveTab({ assets: ["bitcoin"] });
  const others = await liveTab({ assets: ["ethereum", "tron"] });
  await expect.poll(() => shown(others), WAIT).toEqual({ ethereum: "2", tron: "3" });
  expect(await shown(some)).toEqual({ bitcoin: "1" });
  expect(server.asked()).toEqual([["bitcoin", "ethereum", "tron"]]);
  server.set({ bitcoin: "1.5", tron: "3.5" });
  await expect.poll(() => shown(others), WAIT).toEqual({ ethereum: "2", tron: "3.5" });
  await expect.poll(() => shown(some), WAIT).toEqual({ bitcoin: "1.5" });
  await others.close();
  await expect.poll(() => server.asked(), WAIT).toEqual([["bitcoin"]]);
  expect(server.opened()).toBe(1);
});

it("asks for all assets as long as a tab wants them all, and shows no other tab more than its own", async () => {
  const some = await liveTab({ assets: ["bitcoin"] });
  const all = await liveTab({ assets: "*" });
  await expect.poll(() => shown(all), WAIT).toEqual({ bitcoin: "1", ethereum: "2", tron: "3" });
  await expect.poll(() => server.asked(), WAIT).toEqual([["*", "bitcoin"]]);
  expect(await shown(some)).toEqual({ bitcoin: "1" });
  await all.close();
  await expect.poll(() => server.asked(), WAIT).toEqual([["bitcoin"]]);
  // Never was a price shown as old on the way.
  expect(new Set((await seen(some)).map(([state]) => state))).toEqual(new Set(["live"]));
});

it("takes the assets of a tab that crashed out of what is asked for", async () => {
  await liveTab({ assets: ["bitcoin"] });
  const other = await liveTab({ assets: ["tron"] });
  expect(server.asked()).toEqual([["bitcoin", "tron"]]);
  await crash(other);
  await expect.poll(() => server.asked(), WAIT).toEqual([["bitcoin"]]);
});

it("asks for what subscribers of a follower want, and no longer than they do", async () => {
  await liveTab({ assets: ["bitcoin"] });
  const other = await tab({ assets: [] });
  await other.evaluate(() => {
    globalThis.undo = stream.subscribe("tron", ({ price }) => {
      globalThis.heard = price;
    });
  });
  await expect.poll(() => other.evaluate(() => globalThis.heard), WAIT).toBe("3");
  expect(server.asked()).toEqual([["bitcoin", "tron"]]);
  await other.evaluate(() => globalThis.undo());
  await expect.poll(() => server.asked(), WAIT).toEqual([["bitcoin"]]);
  expect(await shown(other)).toEqual({});
});

it("tells followers how old prices are by what has passed, though each tab has its own clock", async () => {
  const leader = await liveTab();
  // So that the clocks of the two pages are a second apart.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  server.set({ tron: "3.1" });
  await expect.poll(async () => (await shown(leader)).tron, WAIT).toBe("3.1");
  const follower = await liveTab();
  const age = (page: Page) => page.evaluate(() => [stream.ageMs("tron"), stream.ageMs()]);
  const [before, after] = [await age(leader), await age(follower)];
  for (const place of [0, 1]) {
    const difference = (after[place] ?? NaN) - (before[place] ?? NaN);
    expect(difference).toBeGreaterThanOrEqual(-5);
    expect(difference).toBeLessThan(500);
  }
});

it("lets another tab take over within a second when the leader is closed, with old prices until fresh ones come", async () => {
  const leader = await liveTab();
  const follower = await liveTab();
  const closing = Date.now();
  await leader.close();
  await expect.poll(() => server.asked(), WAIT).toEqual([["*"]]);
  await expect.poll(() => state(follower), WAIT).toBe("live");
  expect(Date.now() - closing).toBeLessThan(1000);
  expect(server.opened()).toBe(2);
  expect(await seen(follower)).toContainEqual(["connecting", false]);
  expect(await shown(follower)).toEqual({ bitcoin: "1", ethereum: "2", tron: "3" });
});

it("tells followers how the connection is, to the attempt, and lets them try again", async () => {
  const leader = await liveTab({ reconnectDelay: 3, maxReconnectAttempts: 4 });
  const follower = await liveTab({ reconnectDelay: 3, maxReconnectAttempts: 4 });
  const port = Number(new URL(server.url).port);
  await server.close();
  await expect.poll(() => state(follower), WAIT).toBe("failed");
  expect(await status(follower)).toEqual(await status(leader));
  expect(await status(follower)).toMatchObject({ attempt: 4, maxAttempts: 4 });
  const states = (await seen(follower)).map(([state]) => state);
  expect(states).toContain("reconnecting");
  expect(await shown(follower)).toEqual({ bitcoin: "old", ethereum: "old", tron: "old" });
  server = await startV1Server(port);
  server.set({ bitcoin: "5" });
  await follower.evaluate(() => stream.retry());
  await expect.poll(() => shown(follower), WAIT).toEqual({ bitcoin: "5" });
  expect(server.opened()).toBe(1);
});
