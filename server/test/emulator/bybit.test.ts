import { describe, expect, it } from "vitest";
import type { Emulator } from "../../src/emulator/emulator.ts";
import {
  type Client,
  connect,
  getJson,
  handshakeStatus,
  pause,
  running,
  shared,
  spelling,
} from "./support.ts";

const healthy = shared();

/** The documentation's example, with the index that it names as a field. */
const DOCUMENTED_TICKER = {
  topic: "tickers.BTCUSDT",
  ts: 1672305380595,
  type: "snapshot",
  cs: 496622841,
  data: {
    symbol: "BTCUSDT",
    lastPrice: "16363.78",
    highPrice24h: "16566.64",
    lowPrice24h: "16009.19",
    prevPrice24h: "16443.66",
    volume24h: "5865.470182",
    turnover24h: "95949815.680875",
    price24hPcnt: "-0.0049",
    usdIndexPrice: "16364.12",
  },
};

/** Trailing zeros after the point. */
const UNTRIMMED = /\.\d*0$/;

const url = ({ endpoints }: Emulator) => `${endpoints.bybit.ws}/v5/public/spot`;

const topics = (symbols: readonly string[]) => symbols.map((symbol) => `tickers.${symbol}`);

/** Subscribed to the tickers of `symbols`. */
async function bybitClient(emulator: Emulator, ...symbols: string[]): Promise<Client> {
  const client = await connect(url(emulator));
  client.send({ op: "subscribe", args: topics(symbols) });
  return client;
}

const instruments = async ({ endpoints }: Emulator): Promise<Record<string, unknown>[]> => {
  const list = `${endpoints.bybit.rest}/v5/market/instruments-info?category=spot`;
  const { result } = await getJson(list);
  return Object.values(Object(result).list).map(Object);
};

describe.concurrent("a ticker", () => {
  it("has the documented keys in the documented order, each spelled the same", async () => {
    const emulator = healthy();
    const client = await connect(url(emulator));
    const dollars = (await instruments(emulator)).filter(({ quoteCoin }) => quoteCoin === "USDT");
    for (let n = 0; n < dollars.length; n += 10) {
      const some = dollars.slice(n, n + 10).map(({ symbol }) => String(symbol));
      client.send({ op: "subscribe", args: topics(some) });
    }
    for (let n = 0; n < 300; n++) {
      const ticker = await client.json('"topic"');
      expect(JSON.stringify(spelling(ticker))).toBe(
        JSON.stringify({ ...Object(spelling(DOCUMENTED_TICKER)), topic: "string" }),
      );
      const { price24hPcnt, symbol, ...numbers } = Object(ticker.data);
      expect(ticker.topic).toBe(`tickers.${symbol}`);
      expect(price24hPcnt).toMatch(/^-?\d+\.\d{4}$/);
      for (const number of Object.values(numbers)) expect(number).not.toMatch(UNTRIMMED);
    }
  });

  it("tells the change of the day as a ratio of its own prices", async () => {
    const client = await bybitClient(healthy(), "BTCUSDT");
    const { lastPrice, prevPrice24h, price24hPcnt } = Object((await client.json("lastPrice")).data);
    expect(Number(price24hPcnt)).toBeCloseTo(Number(lastPrice) / Number(prevPrice24h) - 1, 4);
  });

  it("comes once at once and then with each trade, numbered upwards", async () => {
    const client = await bybitClient(healthy(), "BTCUSDT");
    expect(await client.json()).toMatchObject({ success: true });
    let { cs } = await client.json();
    for (let n = 0; n < 5; n++) {
      const ticker = await client.json('"tickers.BTCUSDT"');
      expect(ticker.cs).toBeGreaterThan(Number(cs));
      ({ cs } = ticker);
    }
  });
});

describe.concurrent("a message", () => {
  it("is confirmed, and a ping answered, in the documented shapes", async () => {
    const client = await connect(url(healthy()));
    client.send({ req_id: "test", op: "subscribe", args: ["tickers.BTCUSDT"] });
    expect(await client.json("subscribe")).toEqual({
      success: true,
      ret_msg: "subscribe",
      conn_id: expect.any(String),
      req_id: "test",
      op: "subscribe",
    });
    client.send({ op: "ping" });
    expect(await client.json("pong")).toEqual({
      success: true,
      ret_msg: "pong",
      conn_id: expect.any(String),
      op: "ping",
    });
  });

  it("may name ten topics; with one more it is refused as a whole", async () => {
    const emulator = healthy();
    const symbols = (await instruments(emulator)).slice(0, 11).map(({ symbol }) => String(symbol));
    const eleven = await bybitClient(emulator, ...symbols);
    expect(await eleven.json()).toMatchObject({ success: false, ret_msg: "args size >10" });
    const ten = await bybitClient(emulator, ...symbols.slice(1));
    expect(await ten.json()).toMatchObject({ success: true });
    await pause(100);
    expect(eleven.frames).toHaveLength(1);
  });

  it("with a bad topic is refused as a whole, and starves its connection", async () => {
    const emulator = healthy();
    const client = await bybitClient(emulator, "BTCUSDT");
    await client.next("lastPrice");
    client.send({ op: "subscribe", args: ["tickers.ETHUSDT", "tickers.NOPE"] });
    expect(await client.json("success")).toMatchObject({
      success: false,
      ret_msg: "error:handler not found,topic:tickers.NOPE",
    });
    client.send({ op: "subscribe", args: ["tickers.ETHUSDT"] });
    expect(await client.json("success")).toMatchObject({ success: true });
    await client.settle();
    const before = client.frames.length;
    await pause(100);
    expect(client.frames).toHaveLength(before);
  });

  it("with a topic that is held already is refused as a whole", async () => {
    const client = await bybitClient(healthy(), "BTCUSDT");
    client.send({ op: "subscribe", args: topics(["ETHUSDT", "BTCUSDT"]) });
    expect(await client.json('"success":false')).toMatchObject({
      ret_msg: "error:already subscribed,topic:tickers.BTCUSDT",
    });
    await client.settle();
    await client.next("tickers.BTCUSDT");
    await client.next("tickers.BTCUSDT");
    expect(client.frames.some(({ text }) => text.includes("tickers.ETHUSDT"))).toBe(false);
  });

  it("ends subscriptions, and anything else is no operation", async () => {
    const client = await bybitClient(healthy(), "BTCUSDT", "ETHUSDT");
    client.send({ op: "unsubscribe", args: ["tickers.ETHUSDT"] });
    expect(await client.json("unsubscribe")).toMatchObject({ success: true });
    const before = client.frames.length;
    for (const other of ["{", "null", { op: "nope" }]) {
      client.send(other);
      expect(await client.json("success")).toMatchObject({ ret_msg: "error:invalid op" });
    }
    await client.next("tickers.BTCUSDT");
    const later = client.frames.slice(before);
    expect(later.some(({ text }) => text.includes("tickers.ETHUSDT"))).toBe(false);
  });
});

it("cuts who is idle, but neither who pings nor who gets prices", async () => {
  const emulator = await running({ timing: { bybitIdleMs: 400 } });
  const pinging = await connect(url(emulator));
  const pings = setInterval(() => pinging.send({ op: "ping" }), 50);
  const subscribed = await bybitClient(emulator, "BTCUSDT");
  const idle = await connect(url(emulator));
  expect((await idle.closed).code).toBe(1006);
  clearInterval(pings);
  for (const { socket } of [pinging, subscribed]) expect(socket.readyState).toBe(socket.OPEN);
});

describe.concurrent("a broken exchange", () => {
  it("stalls without prices while it answers pings, and then not even those", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("bybit", "stall");
    const client = await bybitClient(emulator, "BTCUSDT");
    client.send({ op: "ping" });
    expect(await client.json()).toMatchObject({ ret_msg: "subscribe" });
    expect(await client.json()).toMatchObject({ ret_msg: "pong" });
    emulator.break("bybit", "ack-only");
    client.send({ op: "ping" });
    await pause(100);
    expect(client.frames).toHaveLength(2);
  });

  it("writes bad prices and symbols in its own format", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("bybit", "bad-prices");
    const client = await bybitClient(emulator, "BTCUSDT", "ETHUSDT", "SOLUSDT");
    expect(await client.json("NOSUCH")).toMatchObject({ topic: "tickers.NOSUCHUSDT" });
    expect(await client.json('"lastPrice":null')).toHaveProperty("data");
  });

  it("answers a blocked region with 403", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("bybit", "blocked-451");
    expect(await handshakeStatus(url(emulator))).toBe(403);
  });
});

it("lists its instruments in the documented shape", async () => {
  const emulator = healthy();
  const bitcoin = (await instruments(emulator)).find(({ symbol }) => symbol === "BTCUSDT");
  expect(bitcoin).toMatchObject({ baseCoin: "BTC", quoteCoin: "USDT", status: "Trading" });
  expect(bitcoin?.priceFilter).toEqual({ tickSize: "0.01" });
  const { rest } = emulator.endpoints.bybit;
  const one = await getJson(`${rest}/v5/market/instruments-info?category=spot&symbol=ETHUSDT`);
  expect(one).toMatchObject({
    retCode: 0,
    retMsg: "OK",
    result: { category: "spot", list: [{ symbol: "ETHUSDT" }] },
    retExtInfo: {},
    time: expect.any(Number),
  });
  expect(await getJson(`${rest}/v5/market/instruments-info`)).toMatchObject({ retCode: 10001 });
  expect(await handshakeStatus(`${emulator.endpoints.bybit.ws}/v5/public/linear`)).toBe(404);
});
