import { decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";

/** No request of the browser's own to anywhere. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Browser;
let edge: Edge;

beforeAll(async () => {
  const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ARGS });
  edge = await startEdge();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

it("lets a browser's EventSource come back by itself after the end, for only what it has missed", async () => {
  edge.put("bitcoin", "97000.5");
  edge.put("ethereum", "3000");
  const page = await browser.newPage();
  await page.goto(`${edge.url}/livez`);
  await page.evaluate(`
    events = [];
    new EventSource("/sse/prices").onmessage = ({ data, lastEventId }) =>
      events.push([lastEventId, data]);
  `);
  const events = async () => {
    const received = await page.evaluate<[string, string][]>("events");
    return received.map(([id, data]) => ({ id, message: decodeServerMessage(data) }));
  };
  await expect.poll(events).toMatchObject([
    { id: "e1:0", message: { type: "hello" } },
    { id: "e1:2", message: { type: "price_update", prices: ["97000.5", "3000"] } },
  ]);
  await edge.streams.close();
  edge.put("ethereum", "3001");
  await expect
    .poll(async () => (await events()).slice(2), { timeout: 5000 })
    .toMatchObject([
      { id: "e1:2", message: { type: "hello" } },
      { id: "e1:3", message: { type: "price_update", assets: [1], prices: ["3001"] } },
    ]);
});
