import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { manualClock } from "../../src/clock.ts";
import { limits, readConfig } from "../../src/config/config.ts";
import type { Gateway } from "../../src/gateway.ts";
import { createFragmentCounter } from "../../src/wire/frames.ts";
import { defaultLimits, type Limits } from "../../src/wire/limits.ts";
import { startPings } from "../../src/wire/pings.ts";
import { sleep, until } from "../support/client.ts";
import { recordedLog, startBare } from "../support/gateway.ts";
import { frame, handshake, openRaw, type Raw } from "../support/raw.ts";

const TEXT = 1;
const CONTINUATION = 0;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(limits: Partial<Limits>): Promise<Gateway & { logged: string[] }> {
  const { log, messages } = recordedLog();
  const gateway = await startBare(limits, log);
  cleanups.push(gateway.close);
  return { ...gateway, logged: messages };
}

/** Asks for the stream, and waits until there is a hello or a refusal. */
async function ask({ port }: Gateway, headers: Record<string, string> = {}): Promise<Raw> {
  const raw = await openRaw(port, handshake(headers));
  cleanups.push(() => raw.socket.destroy());
  await until(() => {
    const { messages, body } = raw.seen();
    return messages.length > 0 || body !== "";
  });
  return raw;
}

const status = async (gateway: Gateway, headers: Record<string, string> = {}) =>
  (await ask(gateway, headers)).seen().status;

const from = (address: string) => ({ "X-Forwarded-For": address });

describe("connections", () => {
  it("beyond the limit of an address get 429, what to do, and the end; others are let in", async () => {
    const gateway = await start({ clientsPerIp: 2, trustedProxies: 1 });
    const first = await ask(gateway, from("203.0.113.1"));
    expect(await status(gateway, from("203.0.113.1"))).toBe(101);
    const {
      status: refused,
      headers,
      body,
    } = await (await ask(gateway, from("203.0.113.1"))).ended();
    expect(refused).toBe(429);
    expect(headers).toMatchObject({ connection: "close", "retry-after": "30" });
    expect(JSON.parse(body).error).toEqual({
      code: "too_many_clients_per_ip",
      message: expect.stringMatching(/\w/),
      hint: expect.stringContaining("--max-clients-per-ip"),
    });
    expect(await status(gateway, from("203.0.113.2"))).toBe(101);

    first.socket.destroy();
    await expect.poll(() => gateway.health().hub.clients).toBe(2);
    expect(await status(gateway, from("203.0.113.1"))).toBe(101);
  });

  it("beyond the limit in all get 503 from whatever address; the gateway's own probe gets in", async () => {
    const gateway = await start({ clients: 1, trustedProxies: 1 });
    expect(await status(gateway, from("203.0.113.1"))).toBe(101);
    const { body, headers } = await (await ask(gateway, from("203.0.113.2"))).ended();
    expect(headers["retry-after"]).toBe("30");
    expect(JSON.parse(body).error.code).toBe("too_many_clients");
    await expect.poll(() => gateway.health().probe.verdict, { timeout: 6000 }).toBe("quiet");
    expect(gateway.health().hub.clients).toBe(1);
  });

  it.each([
    ["from one address", { handshakesPerIpPerS: 3 }, 429, "too_many_handshakes_per_ip"],
    ["in all", { handshakesPerS: 3 }, 503, "too_many_handshakes"],
  ])("that come too fast %s are put off for a second", async (_what, limits, code, error) => {
    const gateway = await start(limits);
    const asked = await Promise.all(Array.from({ length: 10 }, () => ask(gateway)));
    const refused = asked.map((raw) => raw.seen()).filter((seen) => seen.status !== 101);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const { status, headers, body } of refused) {
      expect(status).toBe(code);
      expect(headers["retry-after"]).toBe("1");
      expect(JSON.parse(body).error.code).toBe(error);
    }
    await sleep(1000);
    expect(await status(gateway)).toBe(101);
  });

  it("leave their places also when the handshake fails after admission", async () => {
    const gateway = await start({ clientsPerIp: 1 });
    for (let i = 0; i < 3; i++) {
      const bad = await openRaw(gateway.port, handshake({ "Sec-WebSocket-Key": "none" }));
      expect((await bad.ended()).status).toBe(400);
    }
    expect(await status(gateway)).toBe(101);
  });

  it("are counted by the refusals they meet, in /stats and /health", async () => {
    const gateway = await start({ clients: 1 });
    await ask(gateway);
    await ask(gateway);
    await ask(gateway);
    for (const path of ["stats", "health"]) {
      const response = await fetch(`http://127.0.0.1:${gateway.port}/${path}`);
      expect(await response.json()).toMatchObject({ refused: { too_many_clients: 2 } });
    }
  });

  it("of TCP beyond clients and a thousand others, of one address and in all, are closed without a word", async () => {
    const gateway = await start({ clients: 20, clientsPerIp: 1 });
    const { port } = gateway;
    const sockets: Socket[] = [];
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    const connectFrom = async (localAddress: string, count: number) => {
      for (let i = 0; i < count; i++) {
        const socket = connectTcp({ port, host: "127.0.0.1", localAddress }).on("error", () => {});
        sockets.push(socket);
        await once(socket, "connect");
      }
    };
    const turnedAway = () => gateway.health().refused.too_many_connections;
    await connectFrom("127.0.0.2", 1001 + 5);
    await expect.poll(turnedAway).toBe(5);
    await connectFrom("127.0.0.3", 19 + 6);
    await expect.poll(turnedAway).toBe(5 + 6);
    // Its own health checks and the probe come from this machine.
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    sockets[0]?.destroy();
    await expect
      .poll(async () => {
        await connectFrom("127.0.0.3", 1);
        await sleep(20);
        return sockets.at(-1)?.destroyed;
      })
      .toBe(false);
  });
});

describe("requests", () => {
  it("that come too fast from one address get 429, but never those of a platform that asks for its health", async () => {
    const gateway = await start({ requestsPerIpPerS: 5, trustedProxies: 1 });
    const get = (path: string, address = "203.0.113.1") =>
      fetch(`${gateway.url}${path}`, { headers: from(address) });
    const paths = ["/api/prices", "/api/prices/BTC", "/health", "/stats", "/api/prices", "/health"];
    const answers = await Promise.all(paths.map((path) => get(path)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    expect(await refused[0]?.json()).toMatchObject({ error: { code: "too_many_requests_per_ip" } });
    expect((await get("/api/prices", "203.0.113.2")).status).toBe(200);
    for (let i = 0; i < 10; i++) expect((await get("/livez")).status).toBe(200);
    await sleep(1000);
    expect((await get("/api/prices")).status).toBe(200);
  });
});

describe("X-Forwarded-For", () => {
  it("is not believed where no proxy was named, and the log says once what to set", async () => {
    const gateway = await start({ clientsPerIp: 1 });
    expect(await status(gateway, from("203.0.113.1, 10.0.0.1"))).toBe(101);
    expect(await status(gateway, from("10.0.0.1, 203.0.113.2"))).toBe(429);
    expect(await status(gateway, from("10.0.0.1, 203.0.113.3"))).toBe(429);
    expect(gateway.logged.filter((line) => line.includes("--trusted-proxies 2"))).toHaveLength(1);
  });

  it("does not hide a client that writes entries of its own before those of the proxies", async () => {
    const gateway = await start({ clientsPerIp: 1, trustedProxies: 1 });
    expect(await status(gateway, from("6.6.6.1, 203.0.113.1"))).toBe(101);
    expect(await status(gateway, from("6.6.6.2, 203.0.113.1"))).toBe(429);
    expect(gateway.logged.join()).not.toContain("--trusted-proxies");
  });
});

describe("origins", () => {
  const origins = ["https://a.example", "https://*.b.example"];
  const corsOf = async ({ port }: Gateway, origin?: string) => {
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const response = await fetch(`http://127.0.0.1:${port}/livez`, { headers });
    return response.headers.get("access-control-allow-origin");
  };

  it("that are not allowed are told so by the stream itself, then closed with 3502", async () => {
    const gateway = await start({ origins });
    const raw = await openRaw(gateway.port, handshake({ Origin: "https://c.example" }));
    const { status, messages, code, reason } = await raw.dismissed();
    expect(status).toBe(101);
    expect(messages).toMatchObject([{ type: "error", code: "origin_not_allowed" }]);
    expect([code, reason]).toEqual([3502, "Pages of this origin may not connect."]);
    expect(gateway.health()).toMatchObject({
      refused: { origin_not_allowed: 1 },
      hub: { clients: 0 },
    });
  });

  it.each([
    ["an allowed one", { Origin: "https://a.example" }],
    ["a subdomain of an allowed one", { Origin: "https://www.b.example" }],
    ["none, which no browser sends", {}],
  ])("get in: %s", async (_what, headers: Record<string, string>) => {
    const gateway = await start({ origins });
    expect((await ask(gateway, headers)).seen().messages).toMatchObject([{ type: "connection" }]);
  });

  it("may read the HTTP answers where they are allowed, and only there", async () => {
    const gateway = await start({ origins });
    expect(await corsOf(gateway, "https://a.example")).toBe("https://a.example");
    expect(await corsOf(gateway, "https://c.example")).toBeNull();
    expect(await corsOf(gateway)).toBeNull();
    expect(gateway.logged.join("\n")).toContain("https://a.example, https://*.b.example");
  });

  it("are all welcome by default, which the log says, and how to narrow it", async () => {
    const gateway = await start({});
    const raw = await ask(gateway, { Origin: "https://c.example" });
    expect(raw.seen().messages).toMatchObject([{ type: "connection" }]);
    expect(await corsOf(gateway, "https://c.example")).toBe("*");
    expect(gateway.logged.filter((line) => line.includes("--origins"))).toHaveLength(1);
  });
});

describe("a message", () => {
  it("has its unfinished parts counted right, however the bytes are cut", () => {
    const part = fc.record({
      final: fc.boolean(),
      opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
      length: fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
    });
    const parts = fc.array(part, { maxLength: 8 });
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.nat(70_000)));
    const property = fc.property(parts, sizes, (sent, cuts) => {
      const bytes = Buffer.concat(
        sent.map(({ opcode, final, length }) => frame(opcode, Buffer.alloc(length), { final })),
      );
      const fragmentsIn = createFragmentCounter();
      let counted = 0;
      let at = 0;
      for (const size of [...cuts, bytes.length]) {
        counted += fragmentsIn(bytes.subarray(at, at + size));
        at += size;
      }
      expect(counted).toBe(sent.filter(({ final }) => !final).length);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("in more than 64 parts is refused with 1008, however slowly they come", async () => {
    const raw = await ask(await start({ messagesPerS: 1000 }));
    const part = frame(CONTINUATION, "x", { final: false });
    raw.send(frame(TEXT, "x", { final: false }), ...Array(64).fill(part));
    const { messages, code } = await raw.dismissed();
    expect(messages.at(-1)).toMatchObject({ type: "error", code: "too_many_fragments" });
    expect(code).toBe(1008);
  });

  it("byte by byte is refused with 1008 before it takes a buffer for each", async () => {
    const raw = await ask(await start({}));
    for (const byte of frame(TEXT, "x".repeat(150))) {
      raw.send(Buffer.from([byte]));
      await sleep(2);
    }
    const { messages, code } = await raw.dismissed();
    expect(messages.at(-1)).toMatchObject({ type: "error", code: "too_many_fragments" });
    expect(code).toBe(1008);
  });
});

describe("pings", () => {
  it("go to a thirtieth of the clients each second, and who does not answer is cut with its next", async () => {
    const clock = manualClock(0);
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    let lost = 0;
    const pings = startPings(clock, () => lost++);
    server.on("connection", pings.add);
    let pinged = 0;
    let gone = 0;
    const clients = Array.from({ length: 60 }, (_, i) => {
      const client = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong: i !== 59 });
      client.on("ping", () => pinged++);
      client.on("close", () => gone++);
      return client;
    });
    cleanups.push(() => {
      pings.stop();
      for (const client of clients) client.terminate();
      server.close();
    });
    await until(() => server.clients.size === 60);

    clock.advanceTo(30_000);
    for (let second = 1; second <= 30; second++) {
      clock.advanceTo(30_000 + second * 1000);
      await until(() => pinged === second * 2);
    }
    expect(lost).toBe(0);
    await sleep(20);
    clock.advanceTo(90_000);
    await until(() => gone === 1 && pinged === 60 + 59);
    expect(lost).toBe(1);
  });
});

describe("the settings", () => {
  it("are those of the limits where nothing is said", () => {
    expect(defaultLimits).toMatchObject(limits(readConfig({}, {})));
  });

  it("come from flags or variables", () => {
    const env = {
      PRICE_STREAM_MAX_CLIENTS_PER_IP: "7",
      PRICE_STREAM_ORIGINS: "https://A.example/, https://*.b.example:443",
      PRICE_STREAM_TRUSTED_PROXIES: "2",
    };
    const flags = {
      maxClients: "50",
      maxHandshakes: "60",
      maxRequestsPerIp: "65",
      maxAssets: "70",
    };
    expect(limits(readConfig(flags, env))).toEqual({
      clients: 50,
      clientsPerIp: 7,
      handshakesPerS: 60,
      requestsPerIpPerS: 65,
      assetsPerSubscription: 70,
      trustedProxies: 2,
      origins: ["https://a.example", "https://*.b.example"],
    });
  });

  it.each([
    [
      { origins: "a.example,https://b.example" },
      /--origins .* names no origin with a.example: write/,
    ],
    [{ origins: "," }, /--origins , names no origin/],
    [{ maxClients: "0" }, /--max-clients 0 must be between 1 and 1000000/],
    [{ trustedProxies: "1.5" }, /--trusted-proxies 1.5 must be a whole number/],
  ])("%j is refused", (flags, message) => {
    expect(() => readConfig(flags, {})).toThrow(message);
  });
});
