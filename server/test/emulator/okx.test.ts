import { describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.ts";
import { capture, capturedLines } from "../support/captures.ts";
import { type Client, connect, getJson, pause, running, shared, spelling } from "./support.ts";

const healthy = shared();

const captured = capture("OKX");

/** Trailing zeros after the point. */
const UNTRIMMED = /\.\d*0$/;

type Row = Record<string, unknown>;

const url = ({ endpoints }: Emulator) => `${endpoints.okx.ws}/ws/v5/public`;

const tickers = (...instruments: string[]) => ({
  op: "subscribe",
  args: instruments.map((instId) => ({ channel: "tickers", instId })),
});

async function subscribed(
  emulator: Emulator,
  instruments = ["BTC-USDT", "ETH-USDT"],
): Promise<Client> {
  const client = await connect(url(emulator));
  client.send(tickers(...instruments));
  return client;
}

describe.skipIf(!captured.exists)("held against captured frames", { concurrent: true }, () => {
  const frames: Row[] = captured.exists
    ? capturedLines(captured.file)
        .filter(({ dir, raw }) => dir === "in" && raw.includes('"tickers"'))
        .map(({ raw }) => JSON.parse(raw))
    : [];
  const isSpot = ({ data }: Row) => JSON.stringify(data)?.includes('"instType":"SPOT"');

  const emulated = async (count: number) => {
    const emulator = healthy();
    const list = await getJson(
      `${emulator.endpoints.okx.rest}/api/v5/public/instruments?instType=SPOT`,
    );
    const live = Object.values(Object(list.data))
      .map(Object)
      .filter(({ state }) => state === "live");
    const client = await subscribed(
      emulator,
      live.map(({ instId }) => String(instId)),
    );
    const rows: Row[] = [];
    while (rows.length < count) rows.push(await client.json('"data"'));
    return rows;
  };

  it("a ticker has the same keys in the same order, each spelled the same", async () => {
    const shapes = new Set(frames.filter(isSpot).map((frame) => JSON.stringify(spelling(frame))));
    expect(shapes.size).toBe(1);
    for (const row of await emulated(300)) {
      expect([...shapes]).toContain(JSON.stringify(spelling(row)));
    }
  });

  it("a ticker trims its numbers like the captured ones, and tells the time in ms", async () => {
    for (const { data } of [...frames.filter(isSpot), ...(await emulated(300))]) {
      const [row] = Object.values(Object(data)).map(Object);
      for (const key of ["last", "lastSz", "askPx", "open24h", "volCcy24h", "vol24h"]) {
        expect(row[key]).not.toMatch(UNTRIMMED);
      }
      expect(row.ts).toMatch(/^\d{13}$/);
    }
  });

  it("volCcy24h counts the quote and vol24h the base, as in the captured ones", async () => {
    for (const { data } of [...frames.filter(isSpot), ...(await emulated(50))]) {
      const [row] = Object.values(Object(data)).map(Object);
      const average = Number(row.volCcy24h) / Number(row.vol24h);
      expect(average / Number(row.last)).toBeGreaterThan(0.5);
      expect(average / Number(row.last)).toBeLessThan(2);
    }
  });

  it("a confirmation has the same shape, apart from connId, which is newer", async () => {
    const { connId, ...older } = await (await subscribed(healthy())).json();
    expect(connId).toMatch(/^[0-9a-f]{8}$/);
    expect(spelling(older)).toEqual(spelling(frames.find(({ event }) => event === "subscribe")));
  });
});

describe.concurrent("subscribing", () => {
  it("brings a confirmation per instrument, then the last ticker of each, then new ones", async () => {
    const client = await subscribed(healthy());
    const first = [];
    for (let n = 0; n < 4; n++) first.push(await client.json());
    expect(first).toMatchObject([
      { event: "subscribe", arg: { channel: "tickers", instId: "BTC-USDT" } },
      { event: "subscribe", arg: { channel: "tickers", instId: "ETH-USDT" } },
      { arg: { channel: "tickers", instId: "BTC-USDT" }, data: [{ instId: "BTC-USDT" }] },
      { arg: { channel: "tickers", instId: "ETH-USDT" }, data: [{ instId: "ETH-USDT" }] },
    ]);
    const { data } = await client.json('"instId":"BTC-USDT"},"data"');
    const [before, after] = [first[2]?.data, data].map((rows) => Number(Object(rows)[0].ts));
    expect(after).toBeGreaterThan(before ?? Number.NaN);
  });

  it("refuses unknown and suspended instruments by name and goes on with the others", async () => {
    const client = await subscribed(healthy(), ["NOPE-USDT", "BTC-DAI", "BTC-USDT"]);
    expect(await client.json('"error"')).toEqual({
      event: "error",
      msg: "Subscribe failed, wrong URL or channel:tickers,instId:NOPE-USDT doesn't exist. Please use the correct URL, channel and parameters referring to API document.",
      code: "60018",
      connId: expect.any(String),
    });
    expect(await client.json('"error"')).toMatchObject({
      msg: expect.stringContaining("instId:BTC-DAI "),
      code: "60018",
    });
    expect(await client.next('"data"')).toContain("BTC-USDT");
  });

  it("echoes the id of a request, and ends by instrument", async () => {
    const client = await connect(url(healthy()));
    client.send({ id: "1512", ...tickers("BTC-USDT", "ETH-USDT") });
    expect(await client.json()).toMatchObject({ id: "1512", event: "subscribe" });
    client.send({ ...tickers("ETH-USDT"), op: "unsubscribe" });
    expect(await client.json('"unsubscribe"')).toMatchObject({ arg: { instId: "ETH-USDT" } });
    const before = client.frames.length;
    await pause(100);
    const later = client.frames.slice(before).map(({ text }) => text);
    expect(later.some((text) => text.includes("BTC-USDT"))).toBe(true);
    expect(later.some((text) => text.includes("ETH-USDT"))).toBe(false);
  });

  it.each([["{"], [{ op: "hello" }], [{ op: "subscribe" }]])(
    "is refused for %j",
    async (message) => {
      const client = await connect(url(healthy()));
      client.send(message);
      expect(await client.json()).toMatchObject({ event: "error", code: "60012" });
    },
  );

  it("is refused after 480 requests in an hour, pings not counted", async () => {
    const client = await connect(url(healthy()));
    for (let n = 0; n < 480; n++) client.send({ op: "hello" });
    for (let n = 0; n < 5; n++) client.send("ping");
    client.send(tickers("BTC-USDT"));
    expect(await client.json("60014")).toMatchObject({ msg: "Requests too frequent" });
    expect(client.frames.filter(({ text }) => text.includes("60012"))).toHaveLength(480);
    expect(client.frames.filter(({ text }) => text === "pong")).toHaveLength(5);
  });
});

it("closes with 4004 where nothing came or went for so long, so that a ping keeps it open", async () => {
  const emulator = await running({ timing: { okxIdleMs: 300 } });
  const client = await subscribed(emulator);
  const pinging = await connect(url(emulator));
  const ping = setInterval(() => pinging.send("ping"), 50);
  const idle = await connect(url(emulator));
  expect(await idle.closed).toEqual({ code: 4004, reason: "No data received in 30s" });
  await pause(100);
  clearInterval(ping);
  for (const { socket } of [client, pinging]) expect(socket.readyState).toBe(socket.OPEN);
});

describe.concurrent("when broken", () => {
  it("stall: answers pings in text, without prices", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await subscribed(emulator);
    await client.next('"data"');
    emulator.break("okx", "stall");
    await client.settle();
    client.send("ping");
    expect(await client.next()).toBe("pong");
    await pause(100);
    expect(client.frames.at(-1)?.text).toBe("pong");
  });

  it("ack-only: confirms, and answers not even pings", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("okx", "ack-only");
    const client = await subscribed(emulator, ["BTC-USDT"]);
    client.send("ping");
    await pause(100);
    expect(client.frames).toHaveLength(1);
  });

  it("bad-prices: writes them in its own format, and unknown instruments", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("okx", "bad-prices");
    const instruments = ["BTC-USDT", "BTC-USDC", "ETH-USDT", "XRP-USDT", "SOL-USDT"];
    const client = await subscribed(emulator, instruments);
    expect(await client.json('"last":null')).toHaveProperty("data");
    expect(await client.json('"NOSUCH-')).toHaveProperty("data");
  });
});

it("lists its spot instruments, suspended ones too", async () => {
  const { endpoints } = healthy();
  const list = `${endpoints.okx.rest}/api/v5/public/instruments`;
  const { code, data } = await getJson(`${list}?instType=SPOT`);
  expect(code).toBe("0");
  const rows = Object.values(Object(data)).map(Object);
  const find = (id: string) => rows.find(({ instId }) => instId === id);
  expect(find("BTC-USDT")).toMatchObject({
    instType: "SPOT",
    baseCcy: "BTC",
    quoteCcy: "USDT",
    tickSz: "0.01",
    state: "live",
  });
  expect(find("BTC-DAI")).toMatchObject({ state: "suspend" });
  expect((await fetch(list)).status).toBe(404);
});
