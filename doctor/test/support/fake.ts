import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { V1 } from "@cryptovault/price-stream/protocol/v1";
import { type WebSocket, WebSocketServer } from "ws";
import type { Credentials } from "../../../server/src/emulator/names.ts";

type Fields = Record<string, unknown>;
type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** What can be wrong with a gateway: each part takes the place of one that is well. */
export type Parts = {
  credentials?: Credentials;
  routes?: Record<string, Route>;
  /** Takes an upgrade in place of a WebSocket, and returns true; or leaves it. */
  upgrade?(socket: Duplex, request: IncomingMessage): boolean;
  /** False: it knows none. */
  v1?: boolean;
  /** The greeting, or nothing. */
  hello?: Fields | null;
  /** The n-th update, from 1 on; null: none. */
  update?(n: number): Fields | null;
  status?: Fields | null;
  /** The n-th update of v1, from 0, the snapshot, on. */
  change?(n: number): Fields | null;
  /** How often, ms. */
  tickMs?: number;
  /** False: a quiet line stays quiet. */
  heartbeats?: boolean;
  /** Done with every WebSocket once it is open. Where it returns true, nothing else is. */
  opened?(socket: WebSocket, request: IncomingMessage): unknown;
  /** A handshake takes so long. */
  handshakeMs?: number;
  /** What is sent over a WebSocket is gathered for so long. */
  batchMs?: number;
};

const now = () => new Date().toISOString();

/** So many that one of them always moves, on a real market. */
export const IDS = ["bitcoin", ...Array.from({ length: 11 }, (_, n) => `coin-${n}`)];

/** An update with twelve prices, all of which change each time. */
export const update = (n: number, more: Fields = {}): Fields => ({
  type: "price_update",
  prices: Object.fromEntries(IDS.map((id) => [id, `97000.${n}`])),
  timestamp: now(),
  source: "coincap",
  stale: [],
  ...more,
});

/** Their numbers in the subprotocol, as gaps. */
const REFS = IDS.map((_, place) => Math.min(place, 1));

export const change = (n: number, more: Fields = {}): Fields => ({
  type: "price_update",
  seq: n + 1,
  timestamp: now(),
  assets: REFS,
  prices: IDS.map(() => `97000.${n}`),
  ...(n === 0
    ? {
        facts: [{ assets: REFS, names: IDS, source: "coincap", quote: "USD" }],
        subscription: { assets: "*", interval: 1000 },
      }
    : {}),
  ...more,
});

export const status = (more: Fields = {}): Fields => ({
  type: "status",
  state: "connected",
  source: "coincap",
  prices_cached: IDS.length,
  is_running: true,
  last_update: now(),
  timestamp: now(),
  ...more,
});

/** A body of /health where all is well. */
export const health = (more: Fields = {}): Fields => ({
  status: "ok",
  reasons: [],
  version: "0.1.0",
  uptimeS: 3600,
  sources: [{ name: "coincap", state: "live", stateReason: "prices", dataAgeMs: 40 }],
  book: { assets: 12, fresh: 12, newestAgeMs: 40 },
  hub: { clients: 0 },
  probe: { verdict: "pass", seen: "a price after 5 ms" },
  ...more,
});

/** Answers with this. */
export const answer =
  (code: number, body: unknown, headers: Record<string, string> = {}): Route =>
  (_request, response) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const type = text.startsWith("<") ? "text/html" : "application/json";
    response.writeHead(code, { "content-type": type, ...headers }).end(text);
  };

const hello = (): Fields => ({
  type: "hello",
  epoch: "e1",
  seq: 1,
  heartbeatMs: 600,
  limits: { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 },
  timestamp: now(),
});

/** A stream of events, with so many updates. */
export const events =
  (tickMs: number, most = Number.POSITIVE_INFINITY, next = change): Route =>
  (_request, response) => {
    // As the gateway does it: a body that ends with the connection.
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
      connection: "close",
    });
    const send = (message: Fields) => response.write(`data: ${JSON.stringify(message)}\n\n`);
    send(hello());
    let n = 0;
    const timer = setInterval(() => n < most && send(next(n++)), tickMs);
    response.on("close", () => clearInterval(timer));
  };

/** A small gateway on loopback that does all as it should, but for what `parts` replace. */
export async function startFake(parts: Parts = {}) {
  const { tickMs = 100, credentials } = parts;
  const routes: Record<string, Route> = {
    "/livez": answer(200, { status: "ok" }),
    "/readyz": answer(200, { status: "ready" }),
    "/health": answer(200, health()),
    "/sse/prices": events(tickMs),
    "/ws/prices": answer(426, {
      error: { code: "upgrade_required", message: "This is a WebSocket stream.", hint: "" },
    }),
    ...parts.routes,
  };
  const serve: RequestListener = (request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const route = routes[path] ?? routes["*"] ?? answer(404, { error: "no such route" });
    route(request, response);
  };
  const server = credentials ? createSecure(credentials, serve) : createServer(serve);
  const wss = new WebSocketServer({
    noServer: true,
    handleProtocols: (asked) => (parts.v1 !== false && asked.has(V1) ? V1 : false),
  });
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request, socket, head) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (parts.upgrade?.(socket, request)) return;
    const open = () => wss.handleUpgrade(request, socket, head, greet);
    const greet = (client: WebSocket) => {
      client.on("error", () => {});
      if (parts.batchMs) holdBack(socket, parts.batchMs);
      if (parts.opened?.(client, request) === true) return;
      if (client.protocol === V1) speakV1(client, parts, tickMs);
      else speakPlain(client, parts, tickMs);
    };
    if (parts.handshakeMs) setTimeout(open, parts.handshakeMs);
    else open();
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${credentials ? "https" : "http"}://localhost:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function holdBack(socket: Duplex, batchMs: number) {
  socket.cork();
  const timer = setInterval(() => {
    socket.uncork();
    socket.cork();
  }, batchMs);
  socket.on("close", () => clearInterval(timer));
}

function say(client: WebSocket, message: Fields | null) {
  if (message && client.readyState === client.OPEN) client.send(JSON.stringify(message));
}

function speakPlain(client: WebSocket, parts: Parts, tickMs: number) {
  const greeting = { type: "connection", status: "connected", message: "", timestamp: now() };
  say(client, parts.hello === undefined ? greeting : parts.hello);
  let n = 0;
  const timer = setInterval(() => say(client, (parts.update ?? update)(++n)), tickMs);
  client.on("message", () => say(client, parts.status === undefined ? status() : parts.status));
  client.on("close", () => clearInterval(timer));
}

function speakV1(client: WebSocket, parts: Parts, tickMs: number) {
  say(client, parts.hello === undefined ? hello() : parts.hello);
  let n = 0;
  const next = () => say(client, (parts.change ?? change)(n++));
  const beat = { type: "heartbeat", seq: 1, timestamp: now() };
  const heartbeat = setInterval(() => parts.heartbeats !== false && say(client, beat), 400);
  let timer: NodeJS.Timeout | undefined;
  client.on("message", (data) => {
    if (timer || !data.toString().includes("subscribe")) return;
    next();
    timer = setInterval(next, tickMs);
  });
  client.on("close", () => {
    clearInterval(heartbeat);
    clearInterval(timer);
  });
}
