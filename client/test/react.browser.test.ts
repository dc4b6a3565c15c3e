import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";
import { launchBrowser } from "../../web/test/support/browser.ts";
import { encode, V1 } from "../src/protocol/v1.ts";
import { hello, update } from "./fakes.ts";
import { type ServedPage, servePage } from "./support/page.ts";

const ASSETS = Array.from({ length: 500 }, (_, i) => `asset-${i}`);
const WAIT = { timeout: 10_000 };
const SYMBOL = { assets: "*", interval: 1000, names: { btc: "bitcoin" } } as const;

let browser: Browser;
let served: ServedPage;
/** A server of v1 whose every message the test decides. */
let server: WebSocketServer;
let page: Page;
let prices: Record<string, string> = {};

beforeAll(async () => {
  const entry = fileURLToPath(new URL("support/react-page.tsx", import.meta.url));
  [browser, served] = await Promise.all([launchBrowser(), servePage(entry, "development")]);
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => V1 });
  server.on("connection", (socket) => {
    socket.send(encode(hello()));
    socket.on("message", (data) => {
      const isSymbol = `${data}`.includes('"btc"');
      socket.send(encode(isSymbol ? update({}, {}, { subscription: SYMBOL }) : update(prices)));
    });
  });
  await once(server, "listening");
  page = await browser.newPage();
}, 60_000);

afterEach(async () => {
  await page.goto("about:blank");
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
  for (const socket of server?.clients ?? []) socket.terminate();
  server?.close();
});

const ownServer = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/prices`;
const open = (view: string, url = ownServer(), assets: readonly string[] = []) =>
  page.goto(`${served.url}?${new URLSearchParams({ view, url, assets: `${assets}` })}`);
const socketsOpen = () => server.clients.size;
const state = () => page.innerText("#state");
const shown = async () => JSON.parse(await page.innerText("pre"));
const client = (): WebSocket => {
  const [socket] = server.clients;
  if (!socket) throw new Error("Nobody is connected");
  return socket;
};
const change = (news: Record<string, string>, seq: number) => {
  const { subscription: _, ...message } = update(news, {}, { seq });
  client().send(encode(message));
};

it("renders one row when one price of 500 changes", async () => {
  prices = Object.fromEntries(ASSETS.map((asset) => [asset, "1"]));
  await open("rows", ownServer(), ASSETS);
  await expect.poll(() => page.innerText("#size"), WAIT).toBe("500");
  await page.evaluate(() => board.reset());
  change({ "asset-7": "2" }, 11);
  await expect.poll(() => page.innerText('[data-asset="asset-7"]'), WAIT).toBe("2");
  expect(await page.evaluate(() => board)).toMatchObject({
    renders: { "asset-7": 1 },
    rendersOfAll: 1,
  });
  expect(await page.evaluate(() => Object.keys(board.renders))).toEqual(["asset-7"]);
});

it("renders at most once per animation frame, however much comes at once", async () => {
  prices = Object.fromEntries(ASSETS.map((asset) => [asset, "1"]));
  await open("rows", ownServer(), ASSETS);
  await expect.poll(() => page.innerText("#size"), WAIT).toBe("500");
  await page.evaluate(() => board.reset());
  for (let seq = 11; seq <= 60; seq++) {
    change(Object.fromEntries(ASSETS.map((asset) => [asset, `${seq}`])), seq);
  }
  await expect.poll(() => page.innerText('[data-asset="asset-499"]'), WAIT).toBe("60");
  const { doubles, rendersOfAll, frames, renders } = await page.evaluate(() => board);
  expect(doubles).toBe(0);
  expect(rendersOfAll).toBe(frames);
  expect(renders["asset-0"]).toBe(frames);
  expect(frames).toBeLessThan(50);
});

it("renders each of 500 rows as often as its price changes at a real gateway, and no more", async () => {
  const rig: Rig = await startRig({ emulator: { tickMs: 250 } });
  try {
    const address = `http://127.0.0.1:${rig.gateway.port}`;
    await expect
      .poll(async () => (await (await fetch(`${address}/api/prices`)).json()).assets.length, WAIT)
      .toBeGreaterThanOrEqual(500);
    const { assets } = await (await fetch(`${address}/api/prices`)).json();
    const ids = assets.map(({ id }: { id: string }) => id).slice(0, 500);
    await open("rows", `${address}/ws/prices`, ids);
    await expect.poll(() => page.innerText("#size"), WAIT).toBe("500");
    await page.evaluate(() => board.reset());
    const isEnough = () =>
      page.evaluate(() => board.frames > 1 && Object.keys(board.changes).length > 400);
    await expect.poll(isEnough, WAIT).toBe(true);
    const { renders, changes, doubles, rendersOfAll, frames } = await page.evaluate(() => board);
    expect(renders).toEqual(changes);
    expect(rendersOfAll).toBe(frames);
    expect(doubles).toBe(0);
  } finally {
    await rig.close();
  }
});

it("leaves one socket open in strict mode, and none when unmounted", async () => {
  prices = { bitcoin: "97123.41" };
  await open("provider");
  await expect.poll(state, WAIT).toBe("live");
  await expect.poll(() => page.innerText('[data-asset="bitcoin"]')).toBe("97123.41");
  await expect.poll(socketsOpen).toBe(1);
  await page.evaluate(() => board.unmount());
  await expect.poll(socketsOpen).toBe(0);
});

it("gives every price in one hook, comes back by itself, and ends and begins when told to", async () => {
  prices = { bitcoin: "97123.41", ethereum: "3456.7" };
  await open("hook");
  const live = { prices, stale: [], isConnected: true, error: null, bitcoin: "97123.41" };
  await expect.poll(shown, WAIT).toMatchObject(live);
  await expect.poll(socketsOpen).toBe(1);
  expect(await page.evaluate(() => board.states.at(-1))).toBe("live");
  const updates = await page.evaluate(() => board.updates);
  expect(updates).toBeGreaterThan(0);

  client().terminate();
  await expect.poll(() => page.evaluate(() => board.states), WAIT).toContain("reconnecting");
  await expect.poll(shown, WAIT).toMatchObject(live);

  await page.click("text=disconnect");
  const old = { prices, isConnected: false, isConnecting: false, error: null };
  await expect.poll(shown, WAIT).toMatchObject(old);
  expect((await shown()).stale.sort()).toEqual(["bitcoin", "ethereum"]);
  await expect.poll(socketsOpen).toBe(0);
  expect(await page.evaluate(() => board.states.at(-1))).toBe("closed");

  await page.getByRole("button", { name: "connect", exact: true }).click();
  await expect.poll(shown, WAIT).toMatchObject(live);
  expect(socketsOpen()).toBe(1);
});

it("gives the price of a symbol too, once the server has told whose it is", async () => {
  prices = { bitcoin: "97123.41" };
  await open("hook");
  await expect.poll(shown, WAIT).toMatchObject({ bitcoin: "97123.41", bySymbol: "97123.41" });
});

it("does not come back by itself where that is not wanted, but when told to", async () => {
  prices = { bitcoin: "97123.41" };
  await open("no-reconnect");
  await expect.poll(shown, WAIT).toMatchObject({ isConnected: true });
  await expect.poll(socketsOpen).toBe(1);
  client().terminate();
  const error = "Failed to establish price stream connection";
  await expect.poll(shown, WAIT).toMatchObject({ isConnected: false, error, stale: ["bitcoin"] });
  await page.waitForTimeout(200);
  expect(socketsOpen()).toBe(0);
  await page.getByRole("button", { name: "connect", exact: true }).click();
  await expect.poll(shown, WAIT).toMatchObject({ isConnected: true, error: null });
});
