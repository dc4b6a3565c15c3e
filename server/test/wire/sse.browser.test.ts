import { decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../../../web/test/support/browser.ts";
import { type Edge, startEdge } from "../support/edge.ts";

let browser: Browser;
let edge: Edge;

beforeAll(async () => {
  browser = await launchBrowser();
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
