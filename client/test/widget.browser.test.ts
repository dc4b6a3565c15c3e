import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { launchBrowser } from "../../web/test/support/browser.ts";
import { encode, type ServerMessage, V1 } from "../src/protocol/v1.ts";
import { hello, update } from "./fakes.ts";
import { type ServedPage, servePage } from "./support/page.ts";

const WAIT = { timeout: 10_000 };
const PRICES = { bitcoin: "97123.41", "shiba-inu": "0.0000001234567", ethereum: "3456.7" };

let browser: Browser;
/** On another origin than the server of prices. */
let served: ServedPage;
let server: WebSocketServer;
let page: Page;
/** What the server was asked for last. */
let asked: string;
/** What the server says to who asks for prices. */
let answer: (socket: WebSocket) => void;

beforeAll(async () => {
  const entry = fileURLToPath(new URL("../src/widget.ts", import.meta.url));
  [browser, served] = await Promise.all([launchBrowser(), servePage(entry)]);
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => V1 });
  server.on("connection", (socket) => {
    socket.send(encode(hello()));
    socket.once("message", (data) => {
      asked = `${data}`;
      answer(socket);
    });
  });
  await once(server, "listening");
  page = await browser.newPage();
  await page.goto(served.url);
}, 60_000);

beforeEach(async () => {
  answer = (socket) => say(socket, update(PRICES));
  await page.evaluate(() => document.body.replaceChildren());
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
  for (const socket of server?.clients ?? []) socket.terminate();
  server?.close();
});

const url = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/prices`;
const say = (socket: WebSocket, message: ServerMessage) => socket.send(encode(message));
const put = (html: string) =>
  page.evaluate((text) => {
    document.body.innerHTML = text;
  }, html);
const ticker = () => page.locator("price-ticker");
const state = () => ticker().getByRole("status").innerText();
const row = (name: string) => ticker().getByRole("listitem").filter({ hasText: name });
const text = async (name: string) => (await row(name).innerText()).replaceAll(/\s+/g, " ");
const socketsOpen = () => server.clients.size;
const client = (): WebSocket => {
  const [socket] = server.clients;
  if (!socket) throw new Error("Nobody is connected");
  return socket;
};

it("shows prices as people read them, with a sign for each move, and says what is made up", async () => {
  const change24h = [1.5, -2.25, null];
  answer = (socket) => say(socket, { ...update(PRICES, {}, { change24h }), demo: true });
  await put(
    `<price-ticker url="${url()}" assets="bitcoin, shiba-inu,ethereum,nonsense"></price-ticker>`,
  );
  await expect.poll(state, WAIT).toBe("Live");
  await expect.poll(() => text("bitcoin")).toBe("bitcoin $97,123.41 +1.50 %");
  expect(await text("shiba-inu")).toBe("shiba-inu $0.0000001234 −2.25 %");
  expect(await text("ethereum")).toBe("ethereum $3,456.70");
  expect(await text("nonsense")).toBe("nonsense no price");
  expect(await ticker().getByText("Demo data: made up, not the market").isVisible()).toBe(true);
  say(client(), update({ bitcoin: "97200", ethereum: "3400" }, {}, { seq: 11 }));
  await expect.poll(() => text("bitcoin")).toContain("▲ $97,200.00");
  expect(await text("ethereum")).toContain("▼ $3,400.00");
});

it("greys what is old, with a word for it, while the connection is away, and comes back by itself", async () => {
  await put(`<price-ticker url="${url()}" assets="bitcoin"></price-ticker>`);
  await expect.poll(() => text("bitcoin"), WAIT).toBe("bitcoin $97,123.41");
  const colour = () =>
    row("bitcoin")
      .locator(".price")
      .evaluate((e) => getComputedStyle(e).color);
  const fresh = await colour();
  // However soon it comes back, it has no price until the test has seen it without one.
  const back = new Promise<WebSocket>((resolve) => {
    answer = resolve;
  });
  client().terminate();
  await expect.poll(state, WAIT).toBe("Reconnecting 1/10 …");
  await expect.poll(() => text("bitcoin")).toBe("bitcoin $97,123.41 old");
  expect(await colour()).not.toBe(fresh);
  say(await back, update(PRICES));
  await expect.poll(state, WAIT).toBe("Live");
  await expect.poll(() => text("bitcoin")).toBe("bitcoin $97,123.41");
  expect(await colour()).toBe(fresh);
});

it("says why it has given up, and tries again at the press of a button", async () => {
  answer = (socket) => socket.close(3502, "This page may not connect.");
  await put(`<price-ticker url="${url()}" assets="bitcoin"></price-ticker>`);
  await expect.poll(state, WAIT).toBe("This page may not connect.");
  answer = (socket) => say(socket, update(PRICES));
  await ticker().getByRole("button", { name: "Retry" }).click();
  await expect.poll(state, WAIT).toBe("Live");
  expect(await ticker().getByRole("button").count()).toBe(0);
});

it("follows its attributes, and holds a connection only while it is in the page", async () => {
  await put(`<price-ticker url="${url()}" assets="bitcoin"></price-ticker>`);
  await expect.poll(state, WAIT).toBe("Live");
  await ticker().evaluate((element) => {
    element.setAttribute("assets", "ethereum");
    element.setAttribute("interval", "100");
  });
  await expect.poll(() => ticker().getByRole("listitem").count(), WAIT).toBe(1);
  await expect.poll(() => text("ethereum"), WAIT).toBe("ethereum $3,456.70");
  expect(JSON.parse(asked)).toMatchObject({ assets: ["ethereum"], interval: 100 });
  await expect.poll(socketsOpen).toBe(1);
  await ticker().evaluate((element) => element.remove());
  await expect.poll(socketsOpen).toBe(0);
});

it("says in its place what is wrong with its attributes", async () => {
  for (const [attributes, said] of [
    ['assets="bitcoin"', /"url" is missing/],
    [`url="${url()}"`, /"assets" is missing/],
    ['url="ftp://127.0.0.1/" assets="bitcoin"', /http\(s\), ws\(s\) or relative.* not ftp:/],
    [`url="${url()}" assets="bitcoin" interval="7"`, /interval is 0, or 100 to 60000 ms/],
  ] as const) {
    await put(`<price-ticker ${attributes}></price-ticker>`);
    await expect.poll(() => ticker().getByRole("alert").innerText()).toMatch(said);
  }
  expect(socketsOpen()).toBe(0);
});

it("takes light and dark, and its colours, from the page", async () => {
  const colour = () => ticker().evaluate((element) => getComputedStyle(element).color);
  await put('<price-ticker url="/ws/prices" assets="bitcoin"></price-ticker>');
  const light = await colour();
  await put('<div style="color-scheme: dark"><price-ticker></price-ticker></div>');
  expect(await colour()).not.toBe(light);
  await put('<price-ticker style="--price-ticker-color: rgb(1, 2, 3)"></price-ticker>');
  expect(await colour()).toBe("rgb(1, 2, 3)");
});
