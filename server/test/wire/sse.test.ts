import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { createMirror } from "@cryptovault/price-stream/mirror";
import type { PricesResponse } from "@cryptovault/price-stream/protocol";
import type { UpdateMessage } from "@cryptovault/price-stream/protocol/v1";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";
import { type EventReader, readEvents } from "../support/events.ts";
import { recordedLog, startRig } from "../support/gateway.ts";

let edge: Edge;
const readers: EventReader[] = [];

beforeEach(async () => {
  edge = await startEdge();
  edge.put("bitcoin", "97000.5");
  edge.put("ethereum", "3000");
  edge.put("dogecoin", "0.1");
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await edge.close();
});

async function open(query = "", headers: Record<string, string> = {}): Promise<EventReader> {
  const reader = await readEvents(`${edge.url}/sse/prices${query}`, headers);
  readers.push(reader);
  return reader;
}

/** How many assets a message tells of. */
const rows = ({ assets }: UpdateMessage) => assets.length;
const seqOf = (id: string) => Number(id.replace("e1:", ""));

it("says hello, then all prices, then what changed, each with the position it brings to", async () => {
  const reader = await open();
  const hello = await reader.next("hello");
  expect(hello).toMatchObject({ id: "e1:0", message: { epoch: "e1", seq: 3 } });
  const all = await reader.next("price_update");
  expect(all).toMatchObject({
    id: "e1:3",
    message: { seq: 3, subscription: { assets: "*", interval: 1000 } },
  });
  expect(rows(all.message)).toBe(3);
  edge.put("bitcoin", "97001");
  edge.pass(1000);
  const changed = await reader.next("price_update");
  expect(changed).toMatchObject({ id: "e1:4", message: { seq: 4, prices: ["97001"] } });
  expect(changed.message).not.toHaveProperty("subscription");
});

it("asks nobody for an echo, since nobody could send one", async () => {
  const reader = await open("?interval=100");
  for (let n = 0; n < 300; n++) {
    edge.put("bitcoin", `9${n}`);
    edge.pass(100);
  }
  await expect.poll(() => reader.events.at(-1)?.id).toBe("e1:303");
  expect(reader.events.some(({ message }) => "echo" in message)).toBe(false);
});

it("is a body that ends with the connection, which no proxy keeps, changes or holds back", async () => {
  const { status, headers, next, text } = await open();
  await next("hello");
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "access-control-allow-origin": "*",
    connection: "close",
  });
  expect(headers).not.toHaveProperty("transfer-encoding");
  expect(headers).not.toHaveProperty("content-length");
  expect(text().match(/^retry: \d+$/gm)).toEqual(["retry: 1000"]);
});

it("brings a client to hold what GET /api/prices says, through all that can happen to prices", async () => {
  const mirror = createMirror();
  const reader = await open("?interval=0");
  const assets = Array.from({ length: 41 }, (_, n) => `coin-${n}`);
  for (let n = 1; n <= 400; n++) {
    const asset = assets[(n * 17) % assets.length] ?? "";
    edge.put(asset, `${1 + (n % 13)}.5`, {
      source: n % 5 === 0 ? "binance" : "coincap",
      quote: n % 7 === 0 ? "USDT" : "USD",
      derived: n % 6 === 0 ? { price: "1", quote: "USDC", rate: "1.001" } : undefined,
      thin: n % 4 === 0,
      change24h: n % 3 === 0 ? undefined : n / 100,
      exchangeTime: n % 2 === 0 ? undefined : edge.now() - n,
      receivedAt: n % 11 === 0 ? edge.now() - 70_000 : edge.now(),
    });
    if (n % 50 === 0) edge.delist(assets[n % assets.length] ?? "");
    if (n % 3 === 0) edge.pass(100);
  }
  edge.pass(1000);
  const answer = await fetch(`${edge.url}/api/prices`);
  const rest: PricesResponse = JSON.parse(await answer.text());
  await expect.poll(() => reader.events.at(-1)?.id).toBe(`${rest.epoch}:${rest.seq}`);
  for (const { message } of reader.events) {
    if (message.type === "hello") mirror.hello(message);
    if (message.type === "price_update") mirror.update(message);
  }
  const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const held = [...mirror.all().values()].map(({ asset, exchangeTime, staleSince, ...more }) => ({
    id: asset,
    ...more,
    exchangeTime: isoOrNull(exchangeTime),
    staleSince: isoOrNull(staleSince),
  }));
  const told = rest.assets.map((asset) => ({
    id: asset.id,
    price: asset.price,
    change24h: asset.change24h,
    source: asset.source,
    quote: asset.quote,
    derivedFrom: asset.derived?.quote ?? null,
    thin: asset.thin,
    exchangeTime: asset.exchangeTime,
    staleSince: asset.stale ? asset.receivedAt : null,
    stale: asset.stale,
  }));
  const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
  expect(told.length).toBeGreaterThan(30);
  expect(held.sort(byId)).toEqual(told.sort(byId));
  const seqs = reader.events.map(({ id }) => seqOf(id));
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
});

it.each([
  ["the header", "", { "last-event-id": "e1:3" }],
  ["the query", "?lastEventId=e1:3", {}],
  ["the header, which is newer than the query,", "?lastEventId=e1:0", { "last-event-id": "e1:3" }],
])(
  "resumes by the last event's id in %s with only what changed since",
  async (_, query, headers) => {
    edge.put("ethereum", "3001");
    edge.delist("dogecoin");
    const reader = await open(query, headers);
    expect(await reader.next("hello")).toMatchObject({ id: "e1:3" });
    const { id, message } = await reader.next("price_update");
    expect(id).toBe(`e1:${edge.book.seq()}`);
    expect(message).toMatchObject({ assets: [1], prices: ["3001"], removed: [2] });
  },
);

it.each(["e0:2", "e1:0", "e1:99", "e1:", "nonsense", "e1:99999999999999999999"])(
  "sends the whole to a client whose last event was %s",
  async (last) => {
    const reader = await open("", { "last-event-id": last });
    expect(await reader.next("hello")).toMatchObject({ id: "e1:0" });
    const { message } = await reader.next("price_update");
    expect(rows(message)).toBe(3);
    expect(message.facts?.flatMap(({ names }) => names)).toHaveLength(3);
  },
);

it("leaves no gap to a client that is cut off between hello and prices", async () => {
  const hello = await (await open()).next("hello");
  const again = await open("", { "last-event-id": hello.id });
  expect(rows((await again.next("price_update")).message)).toBe(3);
});

it("sends only the assets asked for, by id or symbol, and tells which names mean nothing", async () => {
  const reader = await open("?assets=BTC,ethereum,nothing&interval=120");
  const { message } = await reader.next("price_update");
  expect(rows(message)).toBe(2);
  expect(message.subscription).toEqual({
    assets: 3,
    interval: 150,
    names: { BTC: "bitcoin" },
    unknown: ["nothing"],
  });
  edge.put("dogecoin", "0.2");
  edge.put("bitcoin", "97001");
  edge.pass(150);
  expect((await reader.next("price_update")).message.prices).toEqual(["97001"]);
});

it("makes a frame once for all that ask for the same, however they spell it", async () => {
  const [a, b] = [await open("?assets=BTC,ETH"), await open("?assets=ethereum,bitcoin")];
  const other = await open("?assets=SOL");
  for (const reader of [a, b, other]) await reader.next("price_update");
  expect(edge.hub.stats()).toMatchObject({ clients: 3, groups: 2, loops: 1 });
  const { broadcasts } = edge.hub.stats();
  edge.put("bitcoin", "97001");
  edge.pass(1000);
  const [first, second] = [await a.next("price_update"), await b.next("price_update")];
  expect(first).toEqual(second);
  expect(edge.hub.stats().broadcasts).toBe(broadcasts + 1);
});

it("keeps to the interval asked for", async () => {
  const [each, rare] = [await open("?interval=0"), await open("?interval=5000")];
  for (const reader of [each, rare]) await reader.next("price_update");
  edge.pass(0);
  for (let n = 1; n <= 50; n++) {
    edge.put("bitcoin", `${n}`);
    edge.pass(100);
  }
  await expect.poll(() => each.events.length).toBe(52);
  const updates = () => rare.events.filter(({ message }) => message.type === "price_update");
  await expect.poll(() => updates().length).toBe(2);
  expect((await rare.next("price_update")).message.prices).toEqual(["50"]);
});

it("says on a quiet stream, in time, that it lives on", async () => {
  const reader = await open("?assets=nothing&interval=60000");
  const { message: hello } = await reader.next("hello");
  // Sooner than over WebSocket, since nothing can be asked here.
  expect(hello.heartbeatMs).toBe(10_000);
  await reader.next("price_update");
  for (let beat = 1; beat <= 3; beat++) {
    edge.put("bitcoin", `${beat}`);
    for (let ms = 0; ms < hello.heartbeatMs; ms += 1000) edge.pass(1000);
    const { id, message } = await reader.next("heartbeat");
    expect(id).toBe(`e1:${message.seq}`);
  }
});

it.each([
  ["assets=", "bad_assets"],
  ["assets=bitcoin,", "bad_assets"],
  ["interval=", "bad_interval"],
  ["interval=1", "bad_interval"],
  ["interval=99", "bad_interval"],
  ["interval=60001", "bad_interval"],
  ["interval=-100", "bad_interval"],
  ["interval=1e3", "bad_interval"],
  ["interval=100&interval=200", "bad_interval"],
  [`assets=x${",x".repeat(50)}`, "too_many_assets"],
])("answers ?%s with 400 %s before any stream starts", async (query, code) => {
  const answer = await fetch(`${edge.url}/sse/prices?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toMatch("application/json");
  expect(JSON.parse(await answer.text()).error).toEqual({
    code,
    message: expect.any(String),
    hint: expect.any(String),
  });
  expect(edge.hub.stats().clients).toBe(0);
});

it("ends the stream of a client that has not read for 30 s, and cuts it a second later", async () => {
  const socket = connectSocket(edge.port, "127.0.0.1").on("error", () => {});
  socket.write("GET /sse/prices?interval=100 HTTP/1.1\r\nhost: gateway\r\n\r\n");
  await expect.poll(() => edge.hub.stats().clients).toBe(1);
  const quick = await open("?assets=bitcoin&interval=100");
  const assets = Array.from({ length: 2000 }, (_, n) => `coin-${n}`);
  for (let n = 1; edge.hub.stats().skipped === 0; n++) {
    for (const asset of assets) edge.put(asset, `${n}.123456789012345678901234567890`);
    edge.put("bitcoin", `${n}`);
    edge.pass(100);
  }
  edge.pass(29_000);
  expect(edge.hub.stats()).toMatchObject({ evicted: 0, clients: 2 });
  edge.pass(1100);
  expect(edge.hub.stats()).toMatchObject({ evicted: 1, clients: 2 });
  edge.pass(1000);
  await expect.poll(() => edge.hub.stats().clients).toBe(1);
  socket.resume();
  await once(socket, "close");
  edge.put("bitcoin", "42");
  edge.pass(100);
  await expect.poll(() => quick.events.at(-1)?.message).toMatchObject({ prices: ["42"] });
});

it("forgets a client that goes, and stops the loop with the last", async () => {
  const [a, b] = [await open(), await open("?interval=100")];
  await a.next("price_update");
  await b.next("price_update");
  expect(edge.hub.stats()).toMatchObject({ clients: 2, loops: 2 });
  a.close();
  b.close();
  await expect.poll(() => edge.hub.stats()).toMatchObject({ clients: 0, loops: 0, groups: 0 });
});

it("does not begin a stream behind another on the same connection, nor one without a body", async () => {
  const request = "GET /sse/prices HTTP/1.1\r\nhost: gateway\r\n\r\n";
  const socket: Socket = connectSocket(edge.port, "127.0.0.1").on("error", () => {});
  socket.resume().write(request + request);
  await once(socket, "close");
  const head = await fetch(`${edge.url}/sse/prices`, { method: "HEAD" });
  expect(head.status).toBe(404);
  await expect.poll(() => edge.hub.stats()).toMatchObject({ clients: 0, loops: 0 });
});

it("counts and logs its clients, labels its prices, and ends with the gateway, leaving nothing open", async () => {
  const sockets = () =>
    process.getActiveResourcesInfo().filter((resource) => resource.startsWith("TCP")).length;
  // The edge's own listener.
  await expect.poll(sockets).toBe(1);
  const { log, messages: logged } = recordedLog();
  const rig = await startRig({ log });
  const reader = await readEvents(`http://127.0.0.1:${rig.gateway.port}/sse/prices?interval=100`);
  expect((await reader.next("hello")).message).toMatchObject({ demo: true });
  await reader.next("price_update");
  const update = await reader.next("price_update");
  expect(update.message.demo).toBe(true);
  expect(rows(update.message)).toBeGreaterThan(0);
  expect(rig.gateway.health().hub).toMatchObject({ clients: 1, groups: 1, loops: 1 });
  await rig.close();
  await reader.ended;
  expect(rig.gateway.health().hub).toMatchObject({ clients: 0, groups: 0, loops: 0 });
  expect(logged).toEqual(
    expect.arrayContaining(["SSE connected (total: 1)", "SSE disconnected (total: 0)"]),
  );
  await expect.poll(sockets).toBe(1);
});

it("holds its clients to the limits of all: a place of their address, an origin that may read", async () => {
  const strict = await startEdge({ clientsPerIp: 1, origins: ["https://page.example"] });
  const stream = (headers: Record<string, string> = {}) =>
    readEvents(`${strict.url}/sse/prices`, headers);
  const stranger = await stream({ origin: "https://other.example" });
  expect(stranger.status).toBe(403);
  await expect.poll(() => stranger.text()).toContain("origin_not_allowed");
  await stranger.ended;
  const first = await stream({ origin: "https://page.example" });
  await first.next("hello");
  const second = await stream();
  expect(second).toMatchObject({ status: 429, headers: { "retry-after": "30" } });
  await expect.poll(() => second.text()).toContain("too_many_clients_per_ip");
  first.close();
  await expect.poll(async () => (await stream()).status).toBe(200);
  expect(strict.refused.counts()).toMatchObject({ origin_not_allowed: 1 });
  await strict.close();
});
