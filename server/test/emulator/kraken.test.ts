import { describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.ts";
import { type Client, connect, getJson, pause, running, shared, spelling } from "./support.ts";

const healthy = shared();

/** The documentation's ticker, with `trades` and `timestamp`, which are newer. */
const DOCUMENTED_TICKER =
  '{"channel":"ticker","type":"update","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.0,"ask":0.10035,"ask_qty":740.0,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17,"trades":1234,"timestamp":"2023-09-25T09:04:31.742648Z"}]}';

const DOCUMENTED_ACK =
  '{"method":"subscribe","result":{"channel":"ticker","event_trigger":"trades","snapshot":true,"symbol":"ALGO/USD"},"success":true,"time_in":"2023-09-25T09:04:31.742599Z","time_out":"2023-09-25T09:04:31.742648Z"}';

const DOCUMENTED_STATUS =
  '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":12525851468308464523,"upcoming_maintenance":[],"emergency":[]}]}';

const DOCUMENTED_PONG =
  '{"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z","time_out":"2023-09-24T14:10:23.799703Z"}';

/** Keys in their order, and the type of each value: of numbers, JSON tells no more. */
const shape = (value: unknown): string =>
  JSON.stringify(spelling(value)).replaceAll(/"(?:integer|fraction)"/g, '"number"');

const url = ({ endpoints }: Emulator) => `${endpoints.kraken.ws}/v2`;

async function subscribed(
  emulator: Emulator,
  symbol = ["BTC/USD", "ETH/USD"],
  more: object = {},
): Promise<Client> {
  const client = await connect(url(emulator));
  client.send({ method: "subscribe", params: { channel: "ticker", symbol, ...more } });
  return client;
}

describe.concurrent("held against the documentation", () => {
  it("says its status first, with a number that only a 64-bit integer holds", async () => {
    const client = await connect(url(healthy()));
    const status = await client.next();
    expect(shape(JSON.parse(status))).toBe(shape(JSON.parse(DOCUMENTED_STATUS)));
    const [, connection = ""] = /"connection_id":(\d+)/.exec(status) ?? [];
    expect(BigInt(connection)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
  });

  it("confirms a subscription in the documented shape", async () => {
    const client = await subscribed(healthy());
    expect(shape(await client.json('"method"'))).toBe(shape(JSON.parse(DOCUMENTED_ACK)));
  });

  it("writes each ticker with the documented keys, in order, of the documented types", async () => {
    const client = await subscribed(healthy());
    for (const type of ["snapshot", "update", "update"]) {
      const ticker = await client.json(`"type":"${type}","data":[{"symbol"`);
      expect(shape({ ...ticker, type: "update" })).toBe(shape(JSON.parse(DOCUMENTED_TICKER)));
    }
  });

  it("writes numbers bare, prices with the pair's decimals and quantities with eight", async () => {
    const emulator = healthy();
    const client = await subscribed(emulator, ["BTC/USD", "DOGE/USD"]);
    for (const [symbol, decimals] of [
      ["BTC/USD", 2],
      ["DOGE/USD", 5],
    ] as const) {
      const text = await client.next(`"data":[{"symbol":"${symbol}"`);
      for (const key of ["bid", "ask", "last", "vwap", "low", "high"]) {
        expect(text).toMatch(new RegExp(`"${key}":\\d+\\.\\d{${decimals}},`));
      }
      expect(text).toMatch(
        new RegExp(`"change":-?\\d+\\.\\d{${decimals}},"change_pct":-?\\d+\\.\\d\\d,`),
      );
      for (const key of ["bid_qty", "ask_qty", "volume"]) {
        expect(text).toMatch(new RegExp(`"${key}":\\d+\\.\\d{8},`));
      }
    }
  });

  it("answers a ping in the documented shape, with the number it came with", async () => {
    const client = await connect(url(healthy()));
    client.send({ method: "ping", req_id: 101 });
    const pong = await client.json('"pong"');
    expect(shape(pong)).toBe(shape(JSON.parse(DOCUMENTED_PONG)));
    expect(pong.req_id).toBe(101);
  });
});

describe.concurrent("subscribing", () => {
  it("brings an answer per symbol, then a snapshot of each, then updates", async () => {
    const client = await subscribed(healthy());
    const frames = [];
    for (let n = 0; n < 5; n++) frames.push(await client.json());
    expect(frames).toMatchObject([
      { channel: "status" },
      { success: true, result: { symbol: "BTC/USD" } },
      { success: true, result: { symbol: "ETH/USD" } },
      { type: "snapshot", data: [{ symbol: "BTC/USD" }] },
      { type: "snapshot", data: [{ symbol: "ETH/USD" }] },
    ]);
    expect(await client.json('"ticker"')).toMatchObject({ type: "update" });
  });

  it("brings no snapshot where none is wanted", async () => {
    const client = await subscribed(healthy(), ["BTC/USD"], { snapshot: false });
    expect(await client.json('"channel":"ticker","type"')).toMatchObject({ type: "update" });
  });

  it("refuses unknown pairs by name and goes on with the others", async () => {
    const client = await subscribed(healthy(), ["NOPE/USD", "XBT/USD", "BTC/USD"]);
    expect(await client.json('"error"')).toMatchObject({
      error: "Currency pair not supported NOPE/USD",
      method: "subscribe",
      success: false,
      symbol: "NOPE/USD",
    });
    expect(await client.json('"error"')).toMatchObject({ symbol: "XBT/USD" });
    expect(await client.next('"update"')).toContain('"BTC/USD"');
  });

  it("refuses what is subscribed to already, and ends by symbol", async () => {
    const client = await subscribed(healthy(), ["BTC/USD", "ETH/USD"]);
    await client.next('"ETH/USD"');
    client.send({ method: "subscribe", params: { channel: "ticker", symbol: ["BTC/USD"] } });
    expect(await client.json('"error"')).toMatchObject({ error: "Already subscribed" });
    client.send({ method: "unsubscribe", params: { channel: "ticker", symbol: ["ETH/USD"] } });
    expect(await client.json('"unsubscribe"')).toMatchObject({ success: true });
    const before = client.frames.length;
    await pause(100);
    const later = client.frames.slice(before).map(({ text }) => text);
    expect(later.some((text) => text.includes("BTC/USD"))).toBe(true);
    expect(later.some((text) => text.includes("ETH/USD"))).toBe(false);
  });

  it.each([
    ["{"],
    [{ method: "hello" }],
    [{ method: "subscribe" }],
    [{ method: "subscribe", params: { channel: "ticker" } }],
    [{ method: "subscribe", params: { channel: "nope", symbol: ["BTC/USD"] } }],
  ])("is refused for %j", async (message) => {
    const client = await connect(url(healthy()));
    client.send(message);
    expect(await client.json('"error"')).toMatchObject({ success: false });
  });
});

describe.concurrent("staying connected", () => {
  it("brings heartbeats from the first subscription on", async ({ onTestFinished }) => {
    const emulator = await running({ timing: { heartbeatMs: 40 } }, onTestFinished);
    const idle = await connect(url(emulator));
    const client = await subscribed(emulator);
    expect(await client.next('"heartbeat"')).toBe('{"channel":"heartbeat"}');
    await client.next('"heartbeat"');
    expect(idle.frames).toHaveLength(1);
  });

  it("ends where nothing is subscribed to and nothing said for so long", async ({
    onTestFinished,
  }) => {
    const timing = { krakenIdleMs: 300, heartbeatMs: 40 };
    const emulator = await running({ timing }, onTestFinished);
    const client = await subscribed(emulator);
    const talking = await connect(url(emulator));
    const talk = setInterval(() => talking.send({ method: "ping" }), 50);
    const idle = await connect(url(emulator));
    await idle.closed;
    await pause(100);
    clearInterval(talk);
    for (const { socket } of [client, talking]) expect(socket.readyState).toBe(socket.OPEN);
  });
});

describe.concurrent("when broken", () => {
  it("stall: goes on with heartbeats and pongs, without prices", async ({ onTestFinished }) => {
    const emulator = await running({ timing: { heartbeatMs: 40 } }, onTestFinished);
    const client = await subscribed(emulator);
    await client.next('"update"');
    emulator.break("kraken", "stall");
    await client.settle();
    client.send({ method: "ping" });
    await client.next('"pong"');
    await client.next('"heartbeat"');
    const before = client.frames.length;
    await pause(100);
    const later = new Set(client.frames.slice(before).map(({ text }) => text));
    expect(later).toEqual(new Set(['{"channel":"heartbeat"}']));
  });

  it("bad-prices: writes them in its own format, and unknown symbols", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("kraken", "bad-prices");
    const client = await subscribed(emulator, ["BTC/USD", "BTC/EUR", "ETH/USD", "BTC/USDT"]);
    expect(await client.json('"last":null')).toMatchObject({ channel: "ticker" });
    expect(await client.json("NOSUCH/")).toMatchObject({ channel: "ticker" });
  });
});

it("lists its pairs by their old codes, those not traded too", async () => {
  const { result } = await getJson(`${healthy().endpoints.kraken.rest}/0/public/AssetPairs`);
  const pairs = Object(result);
  expect(pairs.XXBTZUSD).toMatchObject({
    altname: "XBTUSD",
    wsname: "XBT/USD",
    base: "XXBT",
    quote: "ZUSD",
    pair_decimals: 2,
    status: "online",
  });
  expect(pairs.XDGUSD).toMatchObject({ wsname: "XDG/USD", base: "XXDG" });
  expect(pairs.SOLUSD).toMatchObject({ wsname: "SOL/USD", base: "SOL" });
  expect(pairs.XBTDAI).toMatchObject({ status: "cancel_only" });
});
