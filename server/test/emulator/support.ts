import { once } from "node:events";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/emulator.ts";

/** Quick enough for tests: a second of the market passes in 25 ms. */
const QUICK: EmulatorOptions = { assets: 500, tickMs: 25 };

/**
 * An emulator of the test's own, closed when the test ends, and all clients' sockets with it.
 * Concurrent tests pass the `onTestFinished` of their context.
 */
export async function running(
  options: EmulatorOptions = {},
  finished: (end: () => Promise<void>) => void = onTestFinished,
): Promise<Emulator> {
  const emulator = await startEmulator({ ...QUICK, ...options });
  finished(() => emulator.close());
  return emulator;
}

/** One healthy emulator for all tests of a file, where they only look. */
export function shared(): () => Emulator {
  let emulator: Emulator | undefined;
  beforeAll(async () => {
    emulator = await startEmulator(QUICK);
  });
  afterAll(() => emulator?.close());
  return () => {
    if (!emulator) throw new Error("the emulator runs within tests only");
    return emulator;
  };
}

export type Frame = { text: string; binary: boolean };

/** A raw client that keeps all it gets. */
export type Client = {
  socket: WebSocket;
  frames: Frame[];
  pings: string[];
  /** Waits for a text frame that holds `part`, among those not yet waited for. */
  next(part?: string): Promise<string>;
  /** Waits for a JSON object or array of a text frame that holds `part`. */
  json(part?: string): Promise<Record<string, unknown>>;
  send(message: unknown): void;
  /** Waits until all that was sent so far has arrived, and forgets it. */
  settle(): Promise<void>;
  /** Close code and reason, once the socket is closed. */
  closed: Promise<{ code: number; reason: string }>;
};

/** Connects without waiting, so that refusals can be looked at. */
export function dial(url: string, options: ClientOptions = {}): Client {
  const socket = new WebSocket(url, options);
  const frames: Frame[] = [];
  const pings: string[] = [];
  let looked = 0;
  let wake = () => {};
  socket.on("error", () => {});
  socket.on("ping", (payload) => pings.push(String(payload)));
  socket.on("message", (data, binary) => {
    frames.push({ text: String(data), binary });
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });

  const next = async (part = ""): Promise<string> => {
    for (;;) {
      for (; looked < frames.length; looked++) {
        const frame = frames[looked];
        if (!frame || frame.binary || !frame.text.includes(part)) continue;
        looked++;
        return frame.text;
      }
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        closed.then(() => reject(new Error(`closed before a frame with "${part}" came`)));
      });
    }
  };
  return {
    socket,
    frames,
    pings,
    next,
    json: async (part) => JSON.parse(await next(part)),
    async settle() {
      const pong = once(socket, "pong");
      socket.ping();
      await pong;
      looked = frames.length;
    },
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    closed,
  };
}

/** Connects, and waits until the socket is open. */
export async function connect(url: string, options: ClientOptions = {}): Promise<Client> {
  const client = dial(url, options);
  await once(client.socket, "open");
  return client;
}

/** HTTP status of a refused handshake, or 101. */
export async function handshakeStatus(url: string): Promise<number> {
  const { socket } = dial(url);
  return new Promise((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
  });
}

export const coincapUrl = ({ endpoints }: Emulator, assets = "ALL", key = "demo"): string =>
  `${endpoints.coincap.ws}/prices?assets=${assets}&apiKey=${key}`;

export const binanceUrl = ({ endpoints }: Emulator, path = "/ws/!miniTicker@arr"): string =>
  `${endpoints.binance.ws}${path}`;

/** Subscribed to `channels` of `products` at Coinbase. */
export async function coinbaseClient(
  { endpoints }: Emulator,
  products = ["BTC-USD", "ETH-USD"],
  channels: unknown[] = ["ticker", "heartbeat"],
): Promise<Client> {
  const client = await connect(endpoints.coinbase.ws);
  client.send({ type: "subscribe", product_ids: products, channels });
  return client;
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export async function getJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url);
  return JSON.parse(await response.text());
}

/** How a value is spelled: the kind of each key of an object, in order; more exact than its type. */
export function spelling(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(spelling);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spelling(item)]));
  }
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "fraction";
  if (typeof value !== "string") return String(value);
  if (/^-?\d+(\.\d+)?$/.test(value)) return "decimal string";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value)) return "time in microseconds";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return "uuid";
  return "string";
}
