import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { launchBrowser } from "../../web/test/support/browser.ts";
import type { StreamOptions } from "../src/index.ts";
import { plainUpdate, T } from "./fakes.ts";
import { type ServedPage, servePage } from "./support/page.ts";
import { startProxy, type TestProxy } from "./support/proxy.ts";

const WAIT = { timeout: 15_000, interval: 20 };
const LIVE = ["live", true];

let rig: Rig;
let served: ServedPage;
let browser: Browser;
/** In nearly all tests. */
let shared: Page;
let page: Page;
let proxy: TestProxy;

beforeAll(async () => {
  [rig, served, browser] = await Promise.all([
    startRig(),
    servePage(fileURLToPath(new URL("support/sdk.ts", import.meta.url))),
    launchBrowser(["--host-resolver-rules=MAP gateway.test 127.0.0.1"]),
  ]);
  shared = await browser.newPage();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await Promise.all([served?.close(), rig?.close()]);
});

beforeEach(async () => {
  proxy = await startProxy(rig.gateway.port);
  page = shared;
});
afterEach(async () => {
  await (page === shared ? page.goto("about:blank") : page.close());
  await proxy.close();
});

/** Opens a page whose stream goes through the proxy, by a name that is not this device's own. */
async function visit(options: Partial<StreamOptions> = {}) {
  await page.goto(served.url);
  const url = `ws://gateway.test:${proxy.port}/ws/prices`;
  await page.evaluate((options) => void start(options), { url, ...options });
  await expect.poll(state, WAIT).toBe("live");
}

/** In a page of its own: a clock that the test sets would stay with the other tests. */
async function takeOwnClock() {
  page = await browser.newPage();
  await page.clock.install();
}

const state = () => page.evaluate(() => stream.status.state);
const status = () => page.evaluate(() => stream.status);
const states = () => page.evaluate(() => seen);
const fresh = () =>
  page.evaluate(() => [...stream.all().values()].filter(({ stale }) => !stale).length);
const diagnostics = () => page.evaluate(() => stream.diagnostics());
const bitcoin = () => page.evaluate(() => stream.get("bitcoin"));

it("shows prices that move, each as live", async () => {
  await visit();
  const first = await bitcoin();
  expect(first?.stale).toBe(false);
  await expect.poll(async () => (await bitcoin())?.price, WAIT).not.toBe(first?.price);
});

it("is live again after its socket was cut, without having asked for everything again", async () => {
  await visit({ interval: 60_000, reconnectDelay: 100 });
  const before = await diagnostics();
  proxy.cut();
  await expect.poll(async () => (await states()).at(-1), WAIT).toEqual(LIVE);
  const after = await diagnostics();
  expect(await states()).toContainEqual(["reconnecting", false]);
  expect(after.epoch).toBe(before.epoch);
  expect(after.bytes - before.bytes).toBeLessThan(before.bytes / 2);
});

it("begins anew by itself when the gateway was restarted: another epoch, and everything", async () => {
  await visit({ reconnectDelay: 100 });
  const before = await diagnostics();
  const restarted = await startRig();
  try {
    proxy.moveTo(restarted.gateway.port);
    proxy.cut();
    const epoch = async () => (await diagnostics()).epoch;
    await expect.poll(epoch, WAIT).not.toBe(before.epoch);
    await expect.poll(state, WAIT).toBe("live");
    await expect.poll(fresh, WAIT).toBeGreaterThan(400);
  } finally {
    proxy.cut();
    await restarted.close();
  }
}, 40_000);

it("says that it failed after ten attempts, and comes back when told to", async () => {
  await visit({ reconnectDelay: 4 });
  await proxy.close();
  await expect.poll(state, WAIT).toBe("failed");
  expect(await status()).toMatchObject({
    reason: "Failed to establish price stream connection",
    attempt: 10,
    maxAttempts: 10,
  });
  expect((await bitcoin())?.stale).toBe(true);
  proxy = await startProxy(rig.gateway.port, proxy.port);
  await page.evaluate(() => stream.retry());
  await expect.poll(state, WAIT).toBe("live");
  expect((await bitcoin())?.stale).toBe(false);
}, 30_000);

it("tries in the way that it has where the others can't be loaded, and says nothing of modules", async () => {
  const parts = /plain|transport|sse/;
  await page.route(parts, (route) => route.abort());
  await visit({ reconnectDelay: 4 });
  await page.evaluate(() => stream.onStatus(({ reason }) => seen.push([reason, false])));
  const before = proxy.handshakes.length;
  proxy.refuse(true);
  proxy.cut();
  await expect.poll(state, WAIT).toBe("failed");
  expect(proxy.handshakes.length).toBe(before + 10);
  expect((await states()).map(([text]) => text).join()).not.toContain("module");
  await page.unroute(parts);
}, 30_000);

it("spends no attempt while the device is offline, and is back at once when it is online", async () => {
  await visit({ reconnectDelay: 20 });
  const before = proxy.handshakes.length;
  await page.context().setOffline(true);
  proxy.cut();
  await expect.poll(async () => (await status()).reason, WAIT).toBe("This device is offline.");
  // Longer than all attempts of an online device would take at first.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(proxy.handshakes.length).toBe(before);
  expect(await status()).toMatchObject({ state: "reconnecting", attempt: 1 });
  await page.context().setOffline(false);
  await expect.poll(state, WAIT).toBe("live");
});

it("is right at once when looked at after a minute in a hidden tab, whose timers stood still", async () => {
  await takeOwnClock();
  await visit({ interval: 100 });
  await hide(true);
  // A browser lets timers of a hidden tab run seldom; messages come as ever.
  for (let seconds = 0; seconds < 90; seconds += 15) {
    const messages = async () => (await diagnostics()).messages;
    const before = await messages();
    await page.clock.fastForward(15_000);
    await expect.poll(messages, WAIT).toBeGreaterThan(before);
    // The next leap of time must not fall between a question and its answer.
    await expect.poll(state, WAIT).toBe("live");
  }
  const hidden = await bitcoin();
  await hide(false);
  expect(await state()).toBe("live");
  expect(hidden?.stale).toBe(false);
  expect((await bitcoin())?.stale).toBe(false);
  expect(proxy.handshakes.length).toBe(1);
});

it("shows no price as live after a sleep in which its connection died, though the socket says that it is open", async () => {
  await takeOwnClock();
  await visit({ reconnectDelay: 50 });
  await hide(true);
  proxy.hold(true);
  await page.clock.pauseAt(Date.now() + 3_600_000);
  const woken = await page.evaluate(() => {
    document.dispatchEvent(new Event("visibilitychange"));
    return [stream.status.state, stream.get("bitcoin")?.stale];
  });
  expect(woken).toEqual(["reconnecting", true]);
  proxy.hold(false);
  await page.clock.resume();
  await hide(false);
  await expect.poll(state, WAIT).toBe("live");
});

it("goes from a gateway of today to an old one that knows the plain contract alone, and back", async () => {
  const old = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => false });
  await once(old, "listening");
  const timer = setInterval(() => {
    const text = JSON.stringify(plainUpdate({ bitcoin: "12345.67" }));
    for (const client of old.clients) client.send(text);
  }, 200);
  old.on("connection", (client) =>
    client.send(JSON.stringify({ type: "connection", status: "connected", timestamp: T })),
  );
  try {
    await visit({ reconnectDelay: 50 });
    proxy.moveTo((old.address() as AddressInfo).port);
    proxy.cut();
    await expect.poll(async () => (await bitcoin())?.price, WAIT).toBe("12345.67");
    expect((await diagnostics()).transport).toBe("plain");
    expect(await state()).toBe("live");
    proxy.moveTo(rig.gateway.port);
    proxy.cut();
    await expect.poll(async () => (await diagnostics()).transport, WAIT).toBe("v1");
    await expect.poll(state, WAIT).toBe("live");
    expect((await bitcoin())?.price).not.toBe("12345.67");
  } finally {
    clearInterval(timer);
    for (const client of old.clients) client.terminate();
    old.close();
  }
});

const hide = (hidden: boolean) =>
  page.evaluate((hidden) => {
    const value = hidden ? "hidden" : "visible";
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
