import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { constants, deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, ofType, sleep, type TestClient, until } from "../support/client.ts";
import { type Rig, startRig } from "../support/gateway.ts";
import {
  type FrameOptions,
  frame,
  handshake,
  openRaw,
  type Raw,
  type Seen,
} from "../support/raw.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const CONTINUATION = 0;
const HEADERS_MS = 1000;

let rig: Rig;
let port: number;
/** A well-behaved client of the same gateway, there from the first test to the last. */
let honest: TestClient;
let asking: NodeJS.Timeout;
/** Every TCP connection that the gateway has taken. */
const accepted = new Set<Socket>();

const accept = (message: unknown) => {
  const { socket } = message as { socket: Socket };
  if (socket.localPort === port) accepted.add(socket);
};

beforeAll(async () => {
  rig = await startRig({ limits: { headersMs: HEADERS_MS } });
  port = rig.gateway.port;
  subscribe("net.server.socket", accept);
  honest = await connect(port);
  await honest.next(ofType("price_update"));
  asking = setInterval(() => honest.send("ping"), 250);
});

afterAll(async () => {
  clearInterval(asking);
  unsubscribe("net.server.socket", accept);
  await rig.close();
});

const refused = () => rig.gateway.health().refused;

/** Opens a stream by hand, and waits for its hello. */
async function openStream(): Promise<Raw> {
  const raw = await openRaw(port, handshake());
  await until(() => raw.seen().messages.length > 0);
  return raw;
}

/** Sends `part` without pause until the gateway destroys the connection. */
async function flood(raw: Raw, part: Buffer) {
  const startedAt = performance.now();
  let gone = false;
  raw.socket.once("close", () => {
    gone = true;
  });
  while (!gone && performance.now() - startedAt < 5000) {
    if (raw.socket.writableLength < 1_000_000) raw.socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { tookMs: performance.now() - startedAt, seen: raw.seen() };
}

describe("frames", () => {
  it("are taken when they are right, also in the packet of the handshake and byte by byte", async () => {
    const raw = await openRaw(port, handshake(), frame(TEXT, "ping"), frame(PING, "?"));
    for (const byte of frame(TEXT, "ping")) raw.send(Buffer.from([byte]));
    raw.send(frame(TEXT, "pi", { final: false }), frame(PING), frame(CONTINUATION, "ng"));
    raw.send(frame(TEXT, `{"type":"ping","pad":"${"x".repeat(4000)}"}`));
    await until(() => pongs(raw.seen()) === 4);
    expect(raw.seen().protocolPongs).toBe(2);
    raw.send(frame(CLOSE, Buffer.from([0x03, 0xe8])));
    expect(await raw.ended()).toMatchObject({ status: 101, code: 1000 });
  });

  it("may say nothing understandable: binary ones get the error text_only", async () => {
    const raw = await openStream();
    raw.send(frame(BINARY, Buffer.from([0, 1, 2])), frame(CLOSE));
    const { messages, code } = await raw.dismissed();
    expect(messages.at(-1)).toMatchObject({ type: "error", code: "text_only" });
    expect(code).toBe(1005);
  });

  const bad: [what: string, error: string, code: number, parts: Buffer[]][] = [
    ["unmasked", "protocol_error", 1002, [frame(TEXT, "ping", { masked: false })]],
    ["with RSV1", "protocol_error", 1002, [frame(TEXT, "ping", { reserved: 4 })]],
    ["with RSV2", "protocol_error", 1002, [frame(TEXT, "ping", { reserved: 2 })]],
    ["with RSV3", "protocol_error", 1002, [frame(TEXT, "ping", { reserved: 1 })]],
    ["of opcode 3", "protocol_error", 1002, [frame(3, "ping")]],
    ["of opcode 7", "protocol_error", 1002, [frame(7)]],
    ["of opcode 11", "protocol_error", 1002, [frame(11)]],
    ["of opcode 15", "protocol_error", 1002, [frame(15)]],
    ["a ping of 126 bytes", "protocol_error", 1002, [frame(PING, "x".repeat(126))]],
    ["a pong in parts", "protocol_error", 1002, [frame(PONG, "x", { final: false })]],
    ["a close frame in parts", "protocol_error", 1002, [frame(CLOSE, "", { final: false })]],
    ["a continuation of nothing", "protocol_error", 1002, [frame(CONTINUATION, "ping")]],
    [
      "a message inside an unfinished one",
      "protocol_error",
      1002,
      [frame(TEXT, "pi", { final: false }), frame(TEXT, "ping")],
    ],
    ["a close frame of one byte", "protocol_error", 1002, [frame(CLOSE, "x")]],
    ["a close frame with 1005", "protocol_error", 1002, [frame(CLOSE, Buffer.from([0x03, 0xed]))]],
    ["a close frame with 999", "protocol_error", 1002, [frame(CLOSE, Buffer.from([0x03, 0xe7]))]],
    [
      "a close frame with a reason that is not UTF-8",
      "invalid_payload",
      1007,
      [frame(CLOSE, Buffer.from([0x03, 0xe8, 0xff]))],
    ],
    ["text that is not UTF-8", "invalid_payload", 1007, [frame(TEXT, Buffer.from([0xc3, 0x28]))]],
    ["4 GiB by header alone", "message_too_large", 1009, [frame(TEXT, "", { claimed: 2 ** 32 })]],
    [
      "2^60 bytes by header alone",
      "message_too_large",
      1009,
      [frame(TEXT, "", { claimed: 2 ** 60 })],
    ],
    ["4097 bytes", "message_too_large", 1009, [frame(TEXT, "x".repeat(4097))]],
    [
      "4097 bytes in two parts",
      "message_too_large",
      1009,
      [frame(TEXT, "x".repeat(4000), { final: false }), frame(CONTINUATION, "x".repeat(97))],
    ],
    ["a megabyte", "message_too_large", 1009, [frame(TEXT, "x".repeat(1_000_000))]],
  ];
  it.each(bad)(
    "%s: the sender is told %s and closed with %i",
    async (_what, error, code, parts) => {
      const before = refused();
      const raw = await openStream();
      raw.send(...parts);
      const seen = await raw.dismissed();
      expect(seen.messages.at(-1)).toMatchObject({ type: "error", code: error });
      expect(seen.code).toBe(code);
      expect(seen.reason).toBeTruthy();
      expect(refused()).toEqual({ ...before, [error]: countOf(before, error) + 1 });
    },
  );
});

describe("deflated frames", () => {
  const deflate = { "Sec-WebSocket-Extensions": "permessage-deflate" };
  const deflated = (text: string | Buffer, more: FrameOptions = {}) =>
    frame(TEXT, deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4), {
      reserved: 4,
      ...more,
    });

  it("are taken where they were agreed on, and answered twenty times a second", async () => {
    const raw = await openRaw(port, handshake(deflate), deflated("ping"));
    await until(() => pongs(raw.seen()) === 1);
    raw.send(...Array(50).fill(deflated("ping")));
    const { headers, messages, code } = await raw.dismissed();
    expect(headers["sec-websocket-extensions"]).toContain("permessage-deflate");
    expect(messages.at(-1)).toMatchObject({ type: "error", code: "too_many_messages" });
    expect(code).toBe(3009);
  });

  it.each([
    ["a bomb", "message_too_large", 1009, deflated("x".repeat(1_000_000))],
    ["no deflate data", "invalid_payload", 1007, frame(TEXT, "\xff\xff\xff", { reserved: 4 })],
    ["not UTF-8", "invalid_payload", 1007, deflated(Buffer.from([0xc3, 0x28]))],
    ["a deflated ping", "protocol_error", 1002, frame(PING, "", { reserved: 4 })],
    ["a deflated part", "protocol_error", 1002, frame(CONTINUATION, "", { reserved: 4 })],
    ["with RSV2 too", "protocol_error", 1002, deflated("ping", { reserved: 6 })],
  ])("%s: the sender is told %s and closed with %i", async (_what, error, code, part) => {
    const raw = await openRaw(port, handshake(deflate), part);
    const seen = await raw.dismissed();
    expect(seen.messages.at(-1)).toMatchObject({ type: "error", code: error });
    expect(seen.code).toBe(code);
  });
});

describe("floods", () => {
  it.each([
    ["messages", frame(TEXT, "ping")],
    ["empty messages", frame(TEXT)],
    ["binary messages", frame(BINARY)],
    ["pings", frame(PING)],
    ["pongs", frame(PONG)],
  ])("of %s are answered twenty times, then closed with 3009", async (_what, part) => {
    const raw = await openStream();
    raw.send(Buffer.concat(Array(1000).fill(part)));
    const { messages, protocolPongs, code } = await raw.dismissed();
    expect(messages.at(-1)).toMatchObject({ type: "error", code: "too_many_messages" });
    expect(messages.length).toBeLessThanOrEqual(25);
    expect(protocolPongs).toBeLessThanOrEqual(21);
    expect(code).toBe(3009);
  });

  it.each([
    ["empty parts", frame(CONTINUATION, "", { final: false })],
    ["tiny parts", frame(CONTINUATION, "x", { final: false })],
  ])("of %s, which never make a message, are closed with 3009", async (_what, part) => {
    const raw = await openStream();
    raw.send(frame(TEXT, "", { final: false }), ...Array(100).fill(part));
    const { messages, code } = await raw.dismissed();
    expect(messages.at(-1)).toMatchObject({ type: "error", code: "too_many_messages" });
    expect(code).toBe(3009);
  });

  it.each([
    ["pings", Buffer.concat(Array(5000).fill(frame(PING, "x".repeat(100))))],
    ["long messages", Buffer.concat(Array(100).fill(frame(TEXT, "x".repeat(4000))))],
    ["garbage", Buffer.alloc(500_000, 0xff)],
  ])("of %s that go on after the close are cut within about a second", async (_what, part) => {
    const raw = await openStream();
    const { tookMs, seen } = await flood(raw, part);
    expect(tookMs).toBeLessThan(2000);
    expect([...accepted].at(-1)?.bytesRead).toBeLessThan(500_000);
    expect(seen.messages.at(-1)).toMatchObject({ type: "error" });
    expect(seen.code).toBeGreaterThan(1001);
  });

  it("after a close frame of the client's own are cut within about a second", async () => {
    const raw = await openStream();
    raw.send(frame(CLOSE, Buffer.from([0x03, 0xe8])));
    const { tookMs, seen } = await flood(raw, Buffer.concat(Array(5000).fill(frame(TEXT, "ping"))));
    expect(tookMs).toBeLessThan(2000);
    expect([...accepted].at(-1)?.bytesRead).toBeLessThan(500_000);
    expect(seen.code).toBe(1000);
  });

  it("may follow one another in a second; twenty messages every second are no flood", async () => {
    const raw = await openStream();
    for (let second = 0; second < 2; second++) {
      if (second > 0) await sleep(1050);
      raw.send(...Array(20).fill(frame(TEXT, "ping")));
    }
    await until(() => pongs(raw.seen()) === 40);
    raw.send(frame(CLOSE));
    await raw.dismissed();
  });
});

describe("handshakes", () => {
  it.each([
    ["without a key", { "Sec-WebSocket-Key": undefined }],
    ["with a key too short", { "Sec-WebSocket-Key": "c2hvcnQ=" }],
    ["without a version", { "Sec-WebSocket-Version": undefined }],
    ["of version 7", { "Sec-WebSocket-Version": "7" }],
    ["with broken subprotocols", { "Sec-WebSocket-Protocol": "a,,b" }],
  ])("%s get 400 with the reason, and the end", async (_what, headers) => {
    const seen = await (await openRaw(port, handshake(headers))).ended();
    expect(seen.status).toBe(400);
    expect(JSON.parse(seen.body).error).toMatchObject({ code: "bad_handshake" });
    expect(seen.headers).toMatchObject({ connection: "close", "sec-websocket-version": "13" });
  });

  it.each(["POST /ws/prices HTTP/1.1", "GET /ws/prices HTTP/1.0"])(
    "with %s get 400, and the end",
    async (line) => {
      const seen = await (await openRaw(port, handshake({}, line))).ended();
      expect(seen.status).toBe(400);
      expect(JSON.parse(seen.body).error).toMatchObject({ code: "bad_handshake" });
    },
  );

  it.each([
    ["without an Upgrade", { Connection: "close", Upgrade: undefined }],
    ["to another protocol", { Connection: "Upgrade, close", Upgrade: "h2c" }],
  ])("%s are told to upgrade, with 426", async (_what, headers) => {
    const request = handshake(headers);
    const seen = await (await openRaw(port, request)).ended();
    expect(seen).toMatchObject({ status: 426, headers: { upgrade: "websocket" } });
    expect(JSON.parse(seen.body).error.code).toBe("upgrade_required");
  });

  it.each([
    ["that stop in the middle", handshake().slice(0, 60)],
    ["that never begin", ""],
  ])("%s are ended in time", async (_what, start) => {
    const raw = await openRaw(port, start);
    const seen = await raw.ended(HEADERS_MS + 500);
    expect(JSON.parse(seen.body).error.code).toBe("request_timeout");
  });

  it("that bring a header now and then for ever are ended in time", async () => {
    const raw = await openRaw(port, "GET /ws/prices HTTP/1.1\r\nHost: gateway\r\n");
    const drip = setInterval(() => raw.socket.write("X-Slow: yes\r\n"), 50);
    const seen = await raw.ended(HEADERS_MS + 500).finally(() => clearInterval(drip));
    expect(seen.status).toBe(408);
  });

  it("that are given up half way leave nothing behind", async () => {
    const raw = await openRaw(port, handshake().slice(0, 60));
    raw.socket.end();
    await raw.ended(500);
  });

  it.each([
    [
      "too long",
      `GET / HTTP/1.1\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
      "headers_too_large",
    ],
    ["no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad_request"],
    ["of another protocol", "SSH-2.0-OpenSSH_9.6\r\n", 400, "bad_request"],
  ])("that are %s get an answer, and the end", async (_what, text, status, code) => {
    const seen = await (await openRaw(port, Buffer.from(text, "latin1"))).ended();
    expect(seen.status).toBe(status);
    expect(JSON.parse(seen.body).error.code).toBe(code);
  });

  it("are free to come late on a connection that has been used, not to let it idle for ever", async () => {
    const request = handshake({ Connection: undefined, Upgrade: undefined }, "GET /livez HTTP/1.1");
    const raw = await openRaw(port, request);
    await until(() => raw.seen().status === 200);
    await sleep(HEADERS_MS / 2);
    raw.send(request);
    await until(() => raw.seen().body.includes("HTTP/1.1 200"));
    // Node gives a second on top of what it says in Keep-Alive.
    await raw.ended(HEADERS_MS + 2000);
  });
});

it("has meanwhile given the honest client its prices and answers in time, and no connection is left", async () => {
  await honest.next(ofType("price_update"));
  expect(longestWait("price_update")).toBeLessThan(1500);
  expect(longestWait("pong")).toBeLessThan(750);
  expect(honest.messages.some(ofType("error"))).toBe(false);
  clearInterval(asking);
  honest.socket.close();
  await honest.closed;
  await expect.poll(() => rig.gateway.health().hub.clients).toBe(0);
  await expect
    .poll(() => [...accepted].filter((socket) => !socket.destroyed).length, { timeout: 5000 })
    .toBe(0);
});

/** The longest time between two such messages to the honest client, ms. */
function longestWait(type: string): number {
  const times = honest.messages.filter(ofType(type)).map(({ receivedAt }) => receivedAt);
  expect(times.length).toBeGreaterThan(5);
  return Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? 0)));
}

const pongs = ({ messages }: Seen): number => messages.filter(({ type }) => type === "pong").length;

const countOf = (counts: Partial<Record<string, number>>, code: string) => counts[code] ?? 0;
