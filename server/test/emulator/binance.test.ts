import { describe, expect, it } from "vitest";
import {
  binanceUrl,
  connect,
  getJson,
  handshakeStatus,
  pause,
  running,
  shared,
  spelling,
} from "./support.ts";

const healthy = shared();

/** The documentation's mini ticker, with numbers padded as on the wire. */
const DOCUMENTED_TICKER = {
  e: "24hrMiniTicker",
  E: 1672515782136,
  s: "BNBBTC",
  c: "0.00250000",
  o: "0.00100000",
  h: "0.00250000",
  l: "0.00100000",
  v: "10000.00000000",
  q: "18.00000000",
};

const PADDED = /^\d+\.\d{8}$/;

describe.concurrent("mini tickers", () => {
  it("come as an array of the documented objects, each number padded to eight decimals", async () => {
    const client = await connect(binanceUrl(healthy()));
    const tickers = await client.json();
    expect(Array.isArray(tickers)).toBe(true);
    for (const ticker of Object.values(tickers)) {
      expect(spelling(ticker)).toEqual(spelling(DOCUMENTED_TICKER));
      expect(Object.keys(Object(ticker))).toEqual(Object.keys(DOCUMENTED_TICKER));
      const { c, o, h, l, v, q } = Object(ticker);
      for (const number of [c, o, h, l, v, q]) expect(number).toMatch(PADDED);
      expect(Number(l)).toBeLessThanOrEqual(Math.min(Number(c), Number(o)));
      expect(Number(h)).toBeGreaterThanOrEqual(Math.max(Number(c), Number(o)));
    }
  });

  it("hold only what changed, each with its own growing event time", async () => {
    const client = await connect(binanceUrl(healthy()));
    const lastTimes = new Map<string, number>();
    const sizes: number[] = [];
    for (let frames = 0; frames < 10; frames++) {
      const tickers: { s: string; E: number }[] = JSON.parse(await client.next());
      sizes.push(tickers.length);
      expect(new Set(tickers.map(({ s }) => s)).size).toBe(tickers.length);
      for (const { s, E } of tickers) {
        expect(E).toBeGreaterThan(lastTimes.get(s) ?? 0);
        lastTimes.set(s, E);
      }
      if (frames === 0) expect(new Set(tickers.map(({ E }) => E)).size).toBeGreaterThan(1);
    }
    expect(Math.min(...sizes)).toBeLessThan(lastTimes.size);
  });

  it("are wrapped with the stream's name on a combined socket", async () => {
    const path = "/stream?streams=btcusdt@miniTicker/!miniTicker@arr";
    const client = await connect(binanceUrl(healthy(), path));
    const one = await client.json("btcusdt@");
    expect(Object.keys(one)).toEqual(["stream", "data"]);
    expect(one.stream).toBe("btcusdt@miniTicker");
    expect(spelling(one.data)).toEqual(spelling(DOCUMENTED_TICKER));
    expect(Array.isArray((await client.json('"!miniTicker@arr"')).data)).toBe(true);
  });

  it("never come for an upper-case stream, though the socket opens", async () => {
    const emulator = healthy();
    const client = await connect(binanceUrl(emulator, "/ws/BTCUSDT@miniTicker"));
    await pause(150);
    expect(client.frames).toEqual([]);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("differ between USDT and USD by what tether is off", async () => {
    const emulator = healthy();
    const client = await connect(binanceUrl(emulator, "/ws/btcusdt@miniTicker"));
    const { c } = await client.json();
    const inUsd = Number(c) * (emulator.market.price("tether") ?? 0);
    const truth = emulator.market.price("bitcoin") ?? 0;
    expect(Math.abs(inUsd / truth - 1)).toBeLessThan(0.001);
    expect(Number(c)).not.toBeCloseTo(truth, 2);
  });
});

describe.concurrent("commands", () => {
  it("subscribe, list and unsubscribe, each with its acknowledgement", async () => {
    const client = await connect(binanceUrl(healthy(), "/ws"));
    client.send({ method: "SUBSCRIBE", params: ["ethusdt@miniTicker"], id: 1 });
    expect(await client.next()).toBe('{"result":null,"id":1}');
    expect(spelling(await client.json("ETHUSDT"))).toEqual(spelling(DOCUMENTED_TICKER));
    client.send({ method: "LIST_SUBSCRIPTIONS", id: "abc" });
    expect(await client.next("result")).toBe('{"result":["ethusdt@miniTicker"],"id":"abc"}');
    client.send({ method: "UNSUBSCRIBE", params: ["ethusdt@miniTicker"], id: 312 });
    expect(await client.next("result")).toBe('{"result":null,"id":312}');
    const before = client.frames.length;
    await pause(100);
    expect(client.frames).toHaveLength(before);
  });

  it("turn the stream's name on and off", async () => {
    const client = await connect(binanceUrl(healthy(), "/ws/btcusdt@miniTicker"));
    client.send({ method: "GET_PROPERTY", params: ["combined"], id: 2 });
    expect(await client.next("result")).toBe('{"result":false,"id":2}');
    client.send({ method: "SET_PROPERTY", params: ["combined", true], id: 5 });
    expect(await client.next("result")).toBe('{"result":null,"id":5}');
    expect(await client.json('"stream"')).toHaveProperty("data.s", "BTCUSDT");
  });

  it.each([
    ["flat, where it cannot tell the id", "{not json", { code: 3, msg: /^Invalid JSON: / }],
    ["flat, where there is no id", { method: "SUBSCRIBE" }, { code: 2, msg: /request ID/ }],
    ["flat, where there is no method", { id: 1 }, { code: 2, msg: /missing field `method`/ }],
  ])("are refused %s", async (_form, message, { code, msg }) => {
    const client = await connect(binanceUrl(healthy(), "/ws"));
    client.send(message);
    expect(await client.json()).toEqual({ code, msg: expect.stringMatching(msg) });
  });

  it("are refused nested, with the id, where it is known", async () => {
    const client = await connect(binanceUrl(healthy(), "/ws"));
    client.send({ method: "subscribe", params: [], id: 2 });
    expect(await client.json()).toEqual({
      error: {
        code: 2,
        msg: expect.stringMatching(/^Invalid request: unknown variant `subscribe`/),
      },
      id: 2,
    });
  });

  it("cost the connection, as 1008, when more than five come in a second", async () => {
    const client = await connect(binanceUrl(healthy(), "/ws"));
    for (let id = 1; id <= 6; id++) client.send({ method: "LIST_SUBSCRIPTIONS", id });
    expect(await client.closed).toEqual({ code: 1008, reason: "Too many requests" });
    expect(client.frames).toHaveLength(5);
  });

  it("hold at most 1,024 streams, and refuse whole what would exceed that", async () => {
    const streams = (count: number) => Array.from({ length: count }, (_, n) => `s${n}@miniTicker`);
    const client = await connect(binanceUrl(healthy(), "/ws"));
    client.send({ method: "SUBSCRIBE", params: streams(1024), id: 1 });
    expect(await client.next("result")).toBe('{"result":null,"id":1}');
    client.send({ method: "SUBSCRIBE", params: ["btcusdt@miniTicker"], id: 2 });
    expect(await client.json("error")).toMatchObject({ error: { code: 2 }, id: 2 });
    client.send({ method: "SUBSCRIBE", params: streams(10), id: 3 });
    expect(await client.next("result")).toBe('{"result":null,"id":3}');
    const path = `/stream?streams=${Array.from({ length: 1025 }, (_, n) => n).join("/")}`;
    expect(await handshakeStatus(binanceUrl(healthy(), path))).toBe(404);
  });

  it("share their limit with the client's own pings", async () => {
    const client = await connect(binanceUrl(healthy(), "/ws"));
    for (let n = 1; n <= 6; n++) client.socket.ping();
    expect((await client.closed).code).toBe(1008);
  });
});

describe.concurrent("the server's pings", () => {
  const timing = { pingEveryMs: 60, pongWithinMs: 60 };

  it("keep a connection that answers them", async ({ onTestFinished }) => {
    const patient = { pingEveryMs: 220, pongWithinMs: 300 };
    const client = await connect(
      binanceUrl(await running({ timing: patient }, onTestFinished), "/ws"),
    );
    await pause(600);
    expect(client.pings.length).toBeGreaterThan(1);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it("end a connection that doesn't answer", async ({ onTestFinished }) => {
    const client = await connect(binanceUrl(await running({ timing }, onTestFinished), "/ws"), {
      autoPong: false,
    });
    expect(await client.closed).toEqual({ code: 1008, reason: "Pong timeout" });
  });

  it("are not answered by a pong with another payload", async ({ onTestFinished }) => {
    const client = await connect(binanceUrl(await running({ timing }, onTestFinished), "/ws"), {
      autoPong: false,
    });
    client.socket.on("ping", () => client.socket.pong("something else"));
    expect(await client.closed).toEqual({ code: 1008, reason: "Pong timeout" });
  });
});

describe.concurrent("exchangeInfo", () => {
  it("lists every pair with base, quote and status", async () => {
    const { endpoints } = healthy();
    const info = await getJson(`${endpoints.binance.rest}/api/v3/exchangeInfo`);
    expect(Object.keys(info)).toEqual([
      "timezone",
      "serverTime",
      "rateLimits",
      "exchangeFilters",
      "symbols",
    ]);
    const symbols = Array.isArray(info.symbols) ? info.symbols : [];
    const find = (symbol: string) => symbols.find((row) => row.symbol === symbol);
    expect(find("BTCUSDT")).toMatchObject({
      status: "TRADING",
      baseAsset: "BTC",
      quoteAsset: "USDT",
      isSpotTradingAllowed: true,
      permissionSets: [["SPOT"]],
    });
    expect(find("BTCBUSD")).toMatchObject({ status: "BREAK", quoteAsset: "BUSD" });
    expect(symbols.length).toBeGreaterThan(300);
  });

  it("lists what is asked for, and knows what it doesn't have", async () => {
    const { endpoints } = healthy();
    const list = `${endpoints.binance.rest}/api/v3/exchangeInfo`;
    const symbolsOf = async (query: string) => {
      const { symbols } = await getJson(`${list}?${query}`);
      return Array.isArray(symbols) ? symbols : [];
    };
    expect(await symbolsOf("symbol=ETHBTC")).toHaveLength(1);
    expect(await symbolsOf('symbols=["BTCUSDT","ETHUSDT"]')).toHaveLength(2);
    const trading = await symbolsOf("symbolStatus=TRADING&showPermissionSets=false");
    expect(trading.every(({ status }) => status === "TRADING")).toBe(true);
    const unknown = await fetch(`${list}?symbol=NOPE`);
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      { code: -1121, msg: "Invalid symbol." },
    ]);
  });

  it("is the only thing there", async () => {
    const { endpoints } = healthy();
    expect((await fetch(`${endpoints.binance.rest}/api/v3/nothing`)).status).toBe(404);
    expect(await handshakeStatus(`${endpoints.binance.ws}/nothing`)).toBe(404);
  });
});
