import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { coincapLeads, type Rig, startRig } from "../../server/test/support/gateway.ts";
import { createPriceStream, type PriceStream, type StreamOptions } from "../src/index.ts";
import { plainUpdate, T } from "./fakes.ts";
import { startProxy } from "./support/proxy.ts";

let rig: Rig;
const gateway = () => `http://127.0.0.1:${rig.gateway.port}`;
const undos: (() => unknown)[] = [];

beforeAll(async () => {
  rig = await startRig({ emulator: { tickMs: 100 } });
  await vi.waitFor(() => expect(coincapLeads(rig)).toBe(true), 10_000);
});
afterEach(async () => {
  for (const undo of undos.splice(0).reverse()) await undo();
});
afterAll(() => rig.close());

function open(options: Partial<StreamOptions> = {}): PriceStream {
  const url = `${gateway()}/ws/prices`;
  const stream = createPriceStream({ url, reconnectDelay: 50, interval: 100, ...options });
  undos.push(stream.close);
  return stream;
}

const live = (stream: PriceStream) =>
  vi.waitFor(() => expect(stream.status.state).toBe("live"), 8000);

async function proxy() {
  const started = await startProxy(rig.gateway.port);
  undos.push(started.close);
  return { ...started, url: `http://127.0.0.1:${started.port}/ws/prices` };
}

it("gets every price with its change and who speaks for it, and what changes as it changes", async () => {
  const stream = open();
  await live(stream);
  const bitcoin = stream.get("bitcoin");
  expect(bitcoin).toMatchObject({ source: "coincap", quote: "USD", stale: false });
  expect(bitcoin?.change24h).toBeTypeOf("number");
  expect(stream.status).toMatchObject({ source: "coincap", label: "demo" });
  expect(stream.all().size).toBeGreaterThan(40);
  await vi.waitFor(() => expect(stream.get("bitcoin")?.price).not.toBe(bitcoin?.price), 3000);
  // Of what came while CoinCap had not spoken yet the age may not be known.
  await vi.waitFor(() => expect(stream.ageMs("bitcoin")).toBeTypeOf("number"), 3000);
  expect(stream.ageMs("bitcoin")).toBeLessThan(2000);
});

it("asks for two assets and gets two, by id and by symbol, and another when somebody subscribes", async () => {
  const stream = open({ assets: ["bitcoin", "ETH"] });
  await live(stream);
  expect([...stream.all().keys()].sort()).toEqual(["bitcoin", "ethereum"]);
  expect(stream.get("ETH")?.asset).toBe("ethereum");
  const undo = stream.subscribe("SOL", () => {});
  await vi.waitFor(() => expect(stream.get("SOL")?.asset).toBe("solana"), 3000);
  undo();
  await vi.waitFor(() => expect(stream.get("solana")).toBe(undefined), 3000);
});

it("tells how long an answer takes", async () => {
  const stream = open();
  await live(stream);
  expect(stream.diagnostics().latencyMs).toBe(null);
  stream.ping();
  await vi.waitFor(() => expect(stream.diagnostics().latencyMs).toBeGreaterThan(0));
  expect(stream.diagnostics()).toMatchObject({ transport: "v1", isOpen: true, ignored: 0 });
});

it("resumes after a cut: what it gets is a fraction of everything", async () => {
  const { url, cut } = await proxy();
  const stream = open({ url, interval: 60_000 });
  await live(stream);
  const whole = stream.diagnostics().bytes;
  const { seq } = stream.diagnostics();
  const seen: unknown[] = [];
  stream.onStatus(({ state }) => seen.push([state, stream.get("bitcoin")?.stale]));
  cut();
  await vi.waitFor(() => expect(seen).toContainEqual(["live", false]), 3000);
  expect(seen).toContainEqual(["reconnecting", true]);
  expect([...stream.all().values()].filter(({ stale }) => stale)).toEqual([]);
  expect(stream.diagnostics().bytes - whole).toBeLessThan(whole);
  expect(Number(stream.diagnostics().seq)).toBeGreaterThanOrEqual(Number(seq));
});

it("goes without the subprotocol where the server does not know it, and stays with what works", async () => {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    // As a server does that knows none: `ws` would choose the first one by itself.
    handleProtocols: () => false,
  });
  await once(server, "listening");
  undos.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on("connection", (client) => {
    client.send(JSON.stringify({ type: "connection", status: "connected", timestamp: T }));
    client.send(JSON.stringify(plainUpdate({ bitcoin: "97123.41" })));
  });
  const stream = open({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/prices`,
  });
  const lines: string[] = [];
  stream.onLog((line) => lines.push(line));
  await live(stream);
  expect(stream.diagnostics().transport).toBe("plain");
  expect(stream.get("bitcoin")).toMatchObject({ price: "97123.41", change24h: null, source: "" });
  for (const client of server.clients) client.terminate();
  await vi.waitFor(() => expect(stream.status.attempt).toBeGreaterThan(1));
  await live(stream);
  const tried = lines.flatMap((line) => /Connecting to .* \((\w+)\)/.exec(line)?.[1] ?? []);
  expect(tried.slice(-2)).toEqual(["plain", "plain"]);
});

it("finds a way at first even where it is not to come back, and fails when there is none", async () => {
  const { url, refuse, close } = await proxy();
  refuse(true);
  const stream = open({ url, maxReconnectAttempts: 0 });
  await live(stream);
  expect(stream.diagnostics().transport).toBe("sse");
  await close();
  await vi.waitFor(() => expect(stream.status.state).toBe("failed"));
  const other = open({ url, maxReconnectAttempts: 0 });
  await vi.waitFor(() => expect(other.status.state).toBe("failed"));
  expect(other.status.reason).toBe("Failed to establish price stream connection");
});

it("tells in its log which names mean nothing to the gateway", async () => {
  const stream = open({ assets: ["bitcoin", "no-such-coin"] });
  const lines: string[] = [];
  stream.onLog((line) => lines.push(line));
  await live(stream);
  expect(lines.join()).toContain("knows no asset by the name of no-such-coin");
});

it("ends in v1 at a gateway that knows it, though the first attempt found nobody", async () => {
  const { url, refuse, handshakes } = await proxy();
  refuse(true);
  const stream = open({ url, reconnectDelay: 1000, random: () => 0.5 });
  await vi.waitFor(() => expect(handshakes.length).toBe(1));
  refuse(false);
  await live(stream);
  await vi.waitFor(() => expect(stream.diagnostics().transport).toBe("v1"), 3000);
  await live(stream);
  const offers = handshakes.map(({ headers }) => headers["sec-websocket-protocol"]);
  expect(offers).toEqual(["cryptovault.v1.json", undefined, "cryptovault.v1.json"]);
});

it("goes over server-sent events where no WebSocket gets through, and can change its assets there", async () => {
  const { url, refuse } = await proxy();
  refuse(true);
  const stream = open({ url, assets: ["bitcoin"] });
  await live(stream);
  expect(stream.diagnostics().transport).toBe("sse");
  expect(stream.status.label).toBe("demo");
  const price = stream.get("bitcoin")?.price;
  await vi.waitFor(() => expect(stream.get("bitcoin")?.price).not.toBe(price), 3000);
  const undo = stream.subscribe("SOL", () => {});
  await vi.waitFor(() => expect(stream.get("SOL")?.asset).toBe("solana"), 3000);
  expect(stream.status.state).toBe("live");
  undo();
  await vi.waitFor(() => expect(stream.get("solana")).toBe(undefined), 3000);
});

it("says over server-sent events too why it may not come, and waits as long as the server wants", async () => {
  const answers = [
    ["429 Too Many Requests", "retry-after: 1\r\n"],
    ["403 Forbidden", ""],
  ];
  const server = createServer();
  server.on("connection", (socket) => {
    socket.once("data", (data) => {
      const isStream = data.toString().startsWith("GET /sse/prices?assets=*&interval=100");
      const [status = "400 Bad Request", header = ""] = (isStream && answers.shift()) || [];
      socket.end(`HTTP/1.1 ${status}\r\n${header}content-length: 0\r\nconnection: close\r\n\r\n`);
    });
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  undos.push(() => server.close());
  const port = (server.address() as AddressInfo).port;
  const stream = open({ url: `ws://127.0.0.1:${port}/ws/prices`, reconnectDelay: 5 });
  await vi.waitFor(() => expect(stream.status.reason).toContain("HTTP 429"), 5000);
  expect(stream.status.nextAttemptInMs).toBe(1000);
  await vi.waitFor(() => expect(stream.status.state).toBe("failed"), 8000);
  expect(stream.status.reason).toContain("HTTP 403");
});

it("asks for URL and token before each attempt, and the server sees the token", async () => {
  const { url, cut, handshakes } = await proxy();
  let n = 0;
  const stream = open({ url: async () => url, token: () => `token-${++n}` });
  await live(stream);
  cut();
  await vi.waitFor(() => expect(handshakes.length).toBe(2), 3000);
  const offers = handshakes.map(({ headers }) => headers["sec-websocket-protocol"]);
  expect(offers.map((text) => text?.replaceAll(" ", ""))).toEqual([
    "cryptovault.v1.json,bearer.token-1",
    "cryptovault.v1.json,bearer.token-2",
  ]);
  await live(stream);
});

it("has prices from a gateway that is not for everybody, by its token, and none by another", async () => {
  const key = "k-0123456789abcdef";
  const closed = await startRig({ access: { apiKeys: [{ name: "web", key }] } });
  undos.push(closed.close);
  const url = `${closed.gateway.url}/ws/prices`;
  await live(open({ url, token: key }));
  const stranger = open({ url, token: `${key}x` });
  await vi.waitFor(() => expect(stranger.status.state).toBe("failed"), 3000);
  expect(stranger.status.reason).toBe("The token is not good here.");
});

it("counts an attempt as failed when its URL can't be had, and says why", async () => {
  let works = false;
  const url = async () => {
    if (!works) throw new Error("the login has expired");
    return `${gateway()}/ws/prices`;
  };
  const stream = open({ url, maxReconnectAttempts: 50 });
  await vi.waitFor(() => expect(stream.status.reason).toContain("the login has expired"));
  works = true;
  await live(stream);
});

it("takes the stream of one asset by its path", async () => {
  const stream = open({ url: `${gateway()}/ws/prices/BTC` });
  await live(stream);
  expect([...stream.all().keys()]).toEqual(["bitcoin"]);
  expect(stream.get("BTC")?.asset).toBe("bitcoin");
});
