import zlib from "node:zlib";
import { V1 } from "@cryptovault/price-stream/protocol/v1";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket as WsClient } from "ws";
import { launchBrowser } from "../../../web/test/support/browser.ts";
import { ofType, until } from "../support/client.ts";
import { clientFrame, connectRaw, type RawClient } from "../support/frames.ts";
import { coincapLeads, type Rig, startRig } from "../support/gateway.ts";

const DEFLATE = "permessage-deflate";
const WITHOUT_CONTEXT = `${DEFLATE}; server_no_context_takeover; client_no_context_takeover`;
const ALL = JSON.stringify({ type: "subscribe", assets: "*" });
const CLOSE = 8;

let rig: Rig;
let port: number;
const open = new Set<RawClient>();

beforeAll(async () => {
  rig = await startRig();
  port = rig.gateway.port;
  await until(() => coincapLeads(rig), 10_000);
});
afterAll(() => rig.close());
afterEach(() => {
  for (const { socket } of open) socket.destroy();
  open.clear();
});

async function raw(options: Parameters<typeof connectRaw>[1] = {}): Promise<RawClient> {
  const client = await connectRaw(port, options);
  open.add(client);
  return client;
}

const v1 = (extensions = "") => raw({ extensions, protocol: V1 });

/** What the server has chosen, undefined for nothing. */
const chosen = ({ answer }: RawClient) => /^sec-websocket-extensions: (.*)$/im.exec(answer)?.[1];

const updates = ({ frames }: RawClient) => {
  const texts = frames.filter(({ opcode }) => opcode === 1).map(({ text }) => JSON.parse(text));
  return texts.filter(ofType("price_update"));
};

describe("the extension", () => {
  it("is negotiated without context takeover on either side", async () => {
    expect(chosen(await v1(DEFLATE))).toBe(WITHOUT_CONTEXT);
    expect(chosen(await v1(`${DEFLATE}; client_max_window_bits`))).toBe(WITHOUT_CONTEXT);
    expect(chosen(await raw({ extensions: DEFLATE }))).toBe(WITHOUT_CONTEXT);
  });

  it("is not spoken with who does not ask for it", async () => {
    const client = await v1();
    expect(chosen(client)).toBeUndefined();
    client.send(ALL);
    await client.message(ofType("price_update"));
    expect(client.frames.some(({ deflated }) => deflated)).toBe(false);
  });

  it.each(["8", "14", '"10"', "08", "1e1", "0xa"])(
    "is declined, and nothing else, where the server is to use a window of %s bits",
    async (bits) => {
      const client = await v1(`${DEFLATE}; server_max_window_bits=${bits}`);
      expect(client.answer).toMatch(/^HTTP\/1.1 101 /);
      expect(chosen(client)).toBeUndefined();
      client.send(ALL);
      await client.message(ofType("price_update"));
      expect(client.frames.some(({ deflated }) => deflated)).toBe(false);
    },
  );

  it.each([
    "client_max_window_bits=16",
    "server_no_context_takeover=1",
    "foo=1",
    "client_max_window_bits; client_max_window_bits",
  ])("is declined, and nothing else, where it is asked for with %s", async (parameters) => {
    const client = await v1(`${DEFLATE}; ${parameters}`);
    expect(client.answer).toMatch(/^HTTP\/1.1 101 /);
    expect(chosen(client)).toBeUndefined();
  });

  it("is chosen in another way where one of two offers can't be kept", async () => {
    const narrow = `${DEFLATE}; server_max_window_bits=10`;
    expect(chosen(await v1(`${narrow}, ${DEFLATE}`))).toBe(WITHOUT_CONTEXT);
    expect(chosen(await v1(`${DEFLATE}, ${narrow}`))).toBe(WITHOUT_CONTEXT);
  });

  it("is accepted with the window that deflate has anyway", async () => {
    expect(chosen(await v1(`${DEFLATE}; server_max_window_bits=15`))).toContain(DEFLATE);
  });
});

describe("what the server sends", () => {
  it("inflates, each frame by itself, to what other clients get as it is", async () => {
    const [deflating, other] = [await v1(DEFLATE), await v1()];
    for (const client of [deflating, other]) client.send(ALL);
    const bySeq = (client: RawClient) => new Map(updates(client).map((one) => [one.seq, one]));
    const shared = () => [...bySeq(deflating).keys()].filter((seq) => bySeq(other).has(seq));
    await until(() => shared().length >= 3);
    for (const seq of shared().slice(1)) {
      const { timestamp, ages, ...rest } = bySeq(deflating).get(seq);
      // Made one after the other, within the same millisecond or the next.
      expect(bySeq(other).get(seq)).toMatchObject(rest);
    }
    expect(deflating.frames.some(({ deflated }) => deflated)).toBe(true);
  });

  it("is deflated from 512 characters on, and never before", async () => {
    const clients = [await v1(DEFLATE), await raw({ extensions: DEFLATE }), await v1(DEFLATE)];
    const [all, plain, one] = clients;
    all?.send(ALL);
    all?.send("ping");
    plain?.send('{"type":"get_price","symbol":"BTC"}');
    one?.send('{"type":"subscribe","assets":["bitcoin"]}');
    await until(() => clients.every(({ frames }) => frames.length >= 3));
    const frames = clients.flatMap(({ frames }) => frames).filter(({ opcode }) => opcode === 1);
    for (const { deflated, text } of frames) expect(deflated).toBe(text.length >= 512);
    expect(new Set(frames.map(({ deflated }) => deflated)).size).toBe(2);
  });

  it.each([
    ["an oversized message", ["x".repeat(4097)], 1009],
    ["too many assets", [0, 1, 2].map(names), 3503],
  ])("ends with the close frame after %s", async (_what, messages, code) => {
    const client = await v1(DEFLATE);
    client.send('{"type":"subscribe","assets":"*","interval":0}');
    await until(() => updates(client).length > 2);
    for (const message of messages) client.send(message);
    await client.ended;
    const at = client.frames.findIndex(({ opcode }) => opcode === CLOSE);
    expect(client.frames[at]?.payload.readUInt16BE(0)).toBe(code);
    expect(client.frames.length - 1).toBe(at);
  });
});

/** A part of a list of assets that is too long. */
const names = (part: number) => {
  const assets = Array.from({ length: 400 }, (_, i) => `x${part}${i}`);
  return JSON.stringify({ type: "subscribe", assets, more: true });
};

describe("what a client sends", () => {
  it("is understood when it is deflated", async () => {
    const client = await v1(DEFLATE);
    client.send('{"type":"subscribe","assets":["BTC"]}', { deflate: true });
    const answer = await client.message(ofType("price_update"));
    expect(answer.subscription).toMatchObject({ assets: 1, names: { BTC: "bitcoin" } });
  });

  it("leaves nothing behind that would inflate the next", async () => {
    const inflaters = vi.spyOn(zlib, "createInflateRaw");
    const client = await v1(DEFLATE);
    for (let n = 1; n <= 3; n++) {
      client.send('{"type":"ping"}', { deflate: true });
      await until(() => client.frames.filter(({ text }) => text.includes('"pong"')).length === n);
    }
    const made = inflaters.mock.results.map(({ value }) => value);
    inflaters.mockRestore();
    expect(made.length).toBeGreaterThanOrEqual(3);
    await until(() => made.every(({ destroyed }) => destroyed));
  });

  it("counts against the limit of 4 KiB as it is when inflated", async () => {
    const [within, beyond] = [await v1(DEFLATE), await v1(DEFLATE)];
    within.send("x".repeat(4096), { deflate: true });
    expect(await within.message(ofType("error"))).toMatchObject({ code: "not_json" });
    beyond.send("x".repeat(4097), { deflate: true });
    await beyond.ended;
    expect(beyond.frames.at(-1)?.payload.readUInt16BE(0)).toBe(1009);
  });

  it("may be a bomb, which takes no memory", async () => {
    const bomb = clientFrame("x".repeat(4_000_000), { deflate: true });
    expect(bomb.length).toBeLessThan(4096);
    const bombers = await Promise.all(Array.from({ length: 40 }, () => v1(DEFLATE)));
    const before = process.memoryUsage.rss();
    for (const { socket } of bombers) socket.write(bomb);
    await Promise.all(bombers.map(({ ended }) => ended));
    for (const { frames } of bombers) expect(frames.at(-1)?.payload.readUInt16BE(0)).toBe(1009);
    // All of them inflated are 160 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(40e6);
  });
});

describe("other people's clients", () => {
  it.each([true, false])("ws reads the stream, with perMessageDeflate %s", async (deflate) => {
    const socket = new WsClient(`ws://127.0.0.1:${port}/ws/prices`, [V1], {
      perMessageDeflate: deflate,
    });
    const received: { type: string; prices?: string[] }[] = [];
    socket.on("message", (data) => received.push(JSON.parse(data.toString())));
    socket.on("open", () => socket.send(ALL));
    await until(() => received.length >= 3);
    expect(socket.extensions).toBe(deflate ? DEFLATE : "");
    expect(received.map(({ type }) => type)).toEqual(["hello", "price_update", "price_update"]);
    expect(received[1]?.prices?.length).toBeGreaterThan(450);
    socket.terminate();
  });

  it("Chromium reads the stream, and what it deflates is read", async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${port}/livez`);
      const seen = await page.evaluate(read, {
        url: `ws://127.0.0.1:${port}/ws/prices`,
        protocol: V1,
      });
      expect(seen.extensions).toBe(WITHOUT_CONTEXT);
      expect(seen.messages).toMatchObject([
        { type: "hello", demo: true },
        { type: "price_update", subscription: { assets: "*" } },
        { type: "price_update" },
      ]);
    } finally {
      await browser.close();
    }
  });
});

/** Runs in the page: subscribes by hand, and gives back the first three messages. */
const read = ({ url, protocol }: { url: string; protocol: string }) =>
  new Promise<{ extensions: string; messages: unknown[] }>((resolve) => {
    const messages: unknown[] = [];
    const socket = new WebSocket(url, protocol);
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ type: "subscribe", assets: "*", interval: 250 }));
    });
    socket.addEventListener("message", ({ data }) => {
      messages.push(JSON.parse(data));
      if (messages.length < 3) return;
      resolve({ extensions: socket.extensions, messages });
      socket.close();
    });
  });
