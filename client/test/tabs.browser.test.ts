import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchBrowser } from "../../web/test/support/browser.ts";
import type { SharedStreamOptions } from "../src/tabs.ts";
import { type ServedPage, servePage } from "./support/page.ts";
import type { Circumstances } from "./support/tabs.ts";
import { startV1Server, type V1Server } from "./support/v1-server.ts";

const WAIT = { timeout: 10_000, interval: 20 };
const QUICK = { timeout: 1000, interval: 20 };

type Options = Partial<Omit<SharedStreamOptions, "url">> & { url?: string };

let served: ServedPage;
let browser: Browser;
let context: BrowserContext;
let server: V1Server;
/** Pages that are open and not in use. */
const spare: Page[] = [];
const used: Page[] = [];
const suspended: CDPSession[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  [served, browser] = await Promise.all([
    servePage(fileURLToPath(new URL("support/tabs.ts", import.meta.url))),
    launchBrowser(["--host-resolver-rules=MAP gateway.test 127.0.0.1"]),
  ]);
  context = await browser.newContext();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

beforeEach(async () => {
  server = await startV1Server();
  server.set({ bitcoin: "1", ethereum: "2", tron: "3" });
});
afterEach(async () => {
  await Promise.all(suspended.splice(0).map((session) => session.detach().catch(() => {})));
  spare.push(...used.splice(0).filter((page) => !page.isClosed()));
  await Promise.all(spare.map((page) => page.evaluate(() => globalThis.stream?.close())));
  await Promise.all(spare.map((page) => hide(page, false)));
  await server.close();
  expect(complaints).toEqual([]);
});

async function newPage(): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => complaints.push(message));
  return page;
}

/** A tab that shares. */
async function tab(options: Options = {}, under: Circumstances = {}): Promise<Page> {
  const page = spare.shift() ?? (await newPage());
  used.push(page);
  if (!page.url().startsWith(served.url)) await page.goto(served.url);
  const given = { url: server.url, ...options };
  await page.evaluate(([given, under]) => share(given, under), [given, under] as const);
  return page;
}

async function liveTab(options: Options = {}, under: Circumstances = {}) {
  const page = await tab(options, under);
  await expect.poll(() => state(page), WAIT).toBe("live");
  return page;
}

const status = (page: Page) => page.evaluate(() => stream.status);
const state = async (page: Page) => (await status(page)).state;
const seen = (page: Page) => page.evaluate(() => globalThis.seen);
const heard = (page: Page) => page.evaluate(() => globalThis.heard);
const shown = (page: Page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...stream.all().values()].map(({ asset, price, stale }) => [asset, stale ? "old" : price]),
    ),
  );

const hide = (page: Page, isHidden: boolean) =>
  page.evaluate((isHidden) => {
    const value = isHidden ? "hidden" : "visible";
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);

/** Nothing runs in the tab any more, and nobody told it so, until the test is over or the undo called. */
async function suspend(page: Page) {
  const session = await context.newCDPSession(page);
  suspended.push(session);
  await session.send("Debugger.enable");
  await session.send("Debugger.pause");
  return () => session.detach();
}

/** How many connections these tabs have made from now on. */
function countSockets(...pages: Page[]): () => number {
  let count = 0;
  for (const page of pages) page.on("websocket", () => count++);
  return () => count;
}

/** The locks of the page's origin, the leaders' first. */
const lockNames = async (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    const names = held.map(({ name = "" }) => name);
    return names.sort((a, b) => a.length - b.length);
  });

/** Ends the tab's process, as running out of memory would. */
async function crash(page: Page) {
  used.splice(used.indexOf(page), 1);
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
  await expect.poll(() => server.asked(), WAIT).toEqual([["*"]]);
  expect(await shown(some)).toEqual({ bitcoin: "1" });
  await all.close();
  await expect.poll(() => server.asked(), WAIT).toEqual([["bitcoin"]]);
  // Nothing was shown as old on the way.
  const states = (await seen(some)).map(([state]) => state);
  expect(new Set(states.slice(states.indexOf("live")))).toEqual(new Set(["live"]));
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
  await expect.poll(() => heard(other), WAIT).toBe("3");
  expect(server.asked()).toEqual([["bitcoin", "tron"]]);
  await other.evaluate(() => globalThis.undo());
  await expect.poll(() => server.asked(), WAIT).toEqual([["bitcoin"]]);
  expect(await shown(other)).toEqual({});
});

it("shows its prices as old after its end, and takes no harm from what is still asked of it", async () => {
  const leader = await liveTab();
  const follower = await liveTab();
  for (const page of [follower, leader]) {
    await page.evaluate(() => {
      const undo = stream.subscribe("bitcoin", () => {});
      stream.close();
      undo();
      stream.retry();
      stream.ping();
      stream.close();
    });
    expect((await status(page)).state).toBe("closed");
    expect(await shown(page)).toEqual({ bitcoin: "old", ethereum: "old", tron: "old" });
  }
  await expect.poll(() => server.asked(), WAIT).toEqual([]);
  // For as long as what subscribers ask for is gathered.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(complaints).toEqual([]);
});

it("knows assets by symbol in followers, and says in each tab that prices are made up", async () => {
  await liveTab({ assets: ["tron"] });
  const other = await tab({ assets: [] });
  await other.evaluate(() => {
    globalThis.undo = stream.subscribe("BTC", ({ price }) => {
      globalThis.heard = price;
    });
  });
  await expect.poll(() => heard(other), WAIT).toBe("1");
  server.set({ bitcoin: "1.5" });
  await expect.poll(() => heard(other), WAIT).toBe("1.5");
  expect(await other.evaluate(() => stream.get("BTC")?.asset)).toBe("bitcoin");
  expect(await shown(other)).toEqual({ bitcoin: "1.5" });
  expect((await status(other)).label).toBe("demo");
  const third = await liveTab({ url: `${server.url}/BTC` });
  expect(await shown(third)).toEqual({ bitcoin: "1.5" });
  expect(server.opened()).toBe(1);
});

it("tells followers how old prices are, whatever their own clock says", async () => {
  const leader = await liveTab();
  server.set({ tron: "3.1" });
  await expect.poll(async () => (await shown(leader)).tron, WAIT).toBe("3.1");
  const follower = await liveTab({}, { aheadMs: 3_600_000 });
  const ages = (page: Page) => page.evaluate(() => [stream.ageMs("tron"), stream.ageMs()]);
  const [before, after] = [await ages(leader), await ages(follower)];
  for (const place of [0, 1]) {
    const passed = (after[place] ?? NaN) - (before[place] ?? NaN);
    expect(passed).toBeGreaterThanOrEqual(-5);
    expect(passed).toBeLessThan(1000);
  }
});

it("lets another tab take over within a second when the leader is closed, with old prices until fresh ones come", async () => {
  const leader = await liveTab();
  const follower = await liveTab();
  const closing = Date.now();
  await leader.close();
  await expect.poll(() => server.asked(), WAIT).toEqual([["*"]]);
  await expect.poll(() => state(follower), WAIT).toBe("live");
  expect((await follower.evaluate(() => seenAt)) - closing).toBeLessThan(1000);
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

it("takes the place of a leader that is silent, in a tab that is looked at, and has one leader in the end", async () => {
  const leader = await liveTab({ assets: ["ethereum"] });
  // One that asks so seldom that the next leader has not heard it yet.
  const hidden = await liveTab({ assets: ["tron"] }, { isHeldBack: true });
  await hide(hidden, true);
  const visible = [await liveTab({ assets: ["bitcoin"] }), await liveTab({ assets: ["bitcoin"] })];
  const resume = await suspend(leader);
  const silentSince = Date.now();
  await expect.poll(() => server.opened(), WAIT).toBeGreaterThan(1);
  expect(Date.now() - silentSince).toBeGreaterThan(2500);
  const before = ["bitcoin", "ethereum", "tron"];
  await expect.poll(() => server.asked(), WAIT).toEqual([before, ["bitcoin", "tron"]]);
  for (const page of [hidden, ...visible]) {
    await expect.poll(() => state(page), WAIT).toBe("live");
    const all = await seen(page);
    const sinceLive = all.slice(all.findIndex(([, isFresh]) => isFresh));
    expect(sinceLive.some(([, isFresh]) => !isFresh)).toBe(true);
  }
  await resume();
  await expect.poll(() => server.asked(), WAIT).toEqual([before]);
  expect((await seen(leader)).map(([state]) => state)).not.toContain("closed");
  server.set({ bitcoin: "7", ethereum: "8", tron: "9" });
  await expect.poll(() => shown(leader), WAIT).toEqual({ ethereum: "8" });
  await expect.poll(() => shown(hidden), WAIT).toEqual({ tron: "9" });
  for (const page of visible) await expect.poll(() => shown(page), WAIT).toEqual({ bitcoin: "7" });
});

it("leaves the lock to a healthy leader in a hidden tab whose timers stand still, and lends it time", async () => {
  const leader = await liveTab({ reconnectDelay: 10 }, { isHeldBack: true });
  const follower = await liveTab();
  await hide(leader, true);
  // At the same time, of another stream: a hidden tab takes over from no one, however silent.
  const silent = await liveTab({ interval: 500 });
  const hidden = await liveTab({ interval: 500 });
  await hide(hidden, true);
  await suspend(silent);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  expect(server.opened()).toBe(2);
  expect(await state(hidden)).toBe("stale");
  expect(await state(follower)).toBe("live");
  const states = (await seen(follower)).map(([state]) => state);
  expect(new Set(states.slice(states.indexOf("live")))).toEqual(new Set(["live"]));
  const sockets = countSockets(follower);
  server.cut();
  await expect.poll(() => state(follower), WAIT).toBe("reconnecting");
  await expect.poll(() => state(follower), WAIT).toBe("live");
  expect(sockets()).toBe(0);
});

it.each([
  ["its page is kept for coming back", "pagehide", "pageshow"],
  ["its tab is frozen", "freeze", "resume"],
])("leaves in good order when %s, and is there again afterwards", async (_, out, back) => {
  const leader = await liveTab({ assets: ["tron"] });
  const follower = await liveTab({ assets: ["bitcoin"] });
  const turn = (type: string) =>
    leader.evaluate((type) => {
      const isOfPage = type.startsWith("page");
      (isOfPage ? window : document).dispatchEvent(new Event(type));
    }, type);
  await turn(out);
  await expect.poll(() => server.asked(), QUICK).toEqual([["bitcoin"]]);
  await expect.poll(() => state(follower), QUICK).toBe("live");
  expect(await shown(leader)).toEqual({ tron: "old" });
  await turn(back);
  await expect.poll(() => shown(leader), WAIT).toEqual({ tron: "3" });
  expect(server.asked()).toEqual([["bitcoin", "tron"]]);
});

it("does not share where URL and token come from functions, unless told under which name", async () => {
  await liveTab({}, { provides: true });
  await liveTab({}, { provides: true });
  expect(server.opened()).toBe(2);
  await liveTab({ share: "user 7" }, { provides: true });
  await liveTab({ share: "user 7" }, { provides: true });
  expect(server.opened()).toBe(3);
});

it("does not share between other credentials or intervals, and keeps both out of the names of locks", async () => {
  const page = await liveTab({ token: "open-sesame" });
  await liveTab({ token: "another" });
  await liveTab({ token: "open-sesame", interval: 500 });
  expect(server.opened()).toBe(3);
  const names = await lockNames(page);
  expect(names).toHaveLength(6);
  expect(names.join()).not.toMatch(/sesame|ws:/);
});

it("has a connection for each tab on a page that is not secure", async () => {
  const pages = await Promise.all([newPage(), newPage()]);
  for (const page of pages) {
    await page.goto(served.url.replace("127.0.0.1", "gateway.test"));
    await page.evaluate((url) => share({ url }), server.url);
    await expect.poll(() => state(page), WAIT).toBe("live");
  }
  expect(server.opened()).toBe(2);
  await Promise.all(pages.map((page) => page.close()));
});

it("is not impressed by messages that are none, nor by a leader of before", async () => {
  const leader = await liveTab();
  const follower = await liveTab();
  await leader.evaluate(
    async (name) => {
      const channel = new BroadcastChannel(name);
      const from = "x";
      const price = stream.get("bitcoin");
      const told = {
        ...{ kind: "told", from, gone: ["tron"], names: {}, log: ["x"] },
        ...{ status: stream.status, diagnostics: stream.diagnostics() },
      };
      const rows = [[{ ...price, price: "666" }, 0]];
      const numbers = [[{ ...price, price: 666 }, 0]];
      channel.postMessage(null);
      channel.postMessage("told");
      channel.postMessage({ kind: "ask", from, all: 1 });
      channel.postMessage({ ...told, rows: numbers, term: Date.now() + 1e6 });
      channel.postMessage({ ...told, rows, term: Date.now() - 1e6 });
      channel.close();
    },
    (await lockNames(leader))[0] ?? "",
  );
  server.set({ ethereum: "8" });
  const all = { bitcoin: "1", ethereum: "8", tron: "3" };
  await expect.poll(() => shown(follower), WAIT).toEqual(all);
  expect(await follower.evaluate(() => globalThis.lines)).toEqual([]);
  expect(await shown(leader)).toEqual(all);
  expect(server.asked()).toEqual([["*"]]);
});

it("tells followers the figures and the story of the leader's connection, and asks the server for them", async () => {
  await liveTab({ reconnectDelay: 10 });
  const follower = await liveTab();
  server.cut();
  const lines = () => follower.evaluate(() => globalThis.lines);
  await expect.poll(lines, WAIT).toContain("Connected to price stream");
  await follower.evaluate(() => stream.ping());
  const diagnostics = () => follower.evaluate(() => stream.diagnostics());
  await expect.poll(async () => (await diagnostics()).latencyMs, WAIT).toEqual(expect.any(Number));
  expect(await diagnostics()).toMatchObject({ url: server.url, transport: "v1", isOpen: true });
  expect((await diagnostics()).bytes).toBeGreaterThan(100);
});
