import { describe, expect, it } from "vitest";
import { certify } from "../support/certificates.ts";
import {
  binanceUrl,
  type Client,
  coinbaseClient,
  coincapUrl,
  connect,
  dial,
  handshakeStatus,
  pause,
  running,
} from "./support.ts";

type Ticker = { s: string; c: unknown };

const CUT = { code: 1006, reason: "" };

/** Long enough for several steps of the market, a heartbeat and a ping, all shortened. */
const WHILE_MS = 150;
const timing = { heartbeatMs: 40, pingEveryMs: 60, pongWithinMs: 5000 };

/** Whether the other end answers a protocol ping while waiting. */
const answersPing = ({ socket }: Client): Promise<boolean> => {
  const pong = new Promise<boolean>((resolve) => socket.once("pong", () => resolve(true)));
  socket.ping("anybody there?");
  return Promise.race([pong, pause(WHILE_MS).then(() => false)]);
};

/** What came within a while. */
const soon = async (client: Client): Promise<string[]> => {
  const before = client.frames.length;
  await pause(WHILE_MS);
  return client.frames.slice(before).map(({ text }) => text);
};

const tickers = async (client: Client, part?: string): Promise<Ticker[]> =>
  JSON.parse(await client.next(part));

describe.concurrent("a broken exchange", () => {
  it("refuse: cuts, answers nothing, and comes back when mended", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    emulator.break("binance", "refuse");
    expect(await client.closed).toEqual(CUT);
    expect(await dial(binanceUrl(emulator)).closed).toEqual(CUT);
    await expect(fetch(`${emulator.endpoints.binance.rest}/api/v3/exchangeInfo`)).rejects.toThrow();
    emulator.mend("binance");
    expect(await handshakeStatus(binanceUrl(emulator))).toBe(101);
  });

  it("drop: cuts once and is healthy at once", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await coinbaseClient(emulator);
    emulator.break("coinbase", "drop");
    expect(await client.closed).toEqual(CUT);
    expect(emulator.state().exchanges.coinbase.fault).toBeNull();
    expect(await (await coinbaseClient(emulator)).next('"ticker"')).toContain("BTC-USD");
  });

  it("half-open: is silent, answers nobody and never closes, until mended", async ({
    onTestFinished,
  }) => {
    const emulator = await running({ timing }, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    await client.next();
    emulator.break("binance", "half-open");
    const frames = client.frames.length;
    const newcomer = dial(binanceUrl(emulator));
    const request = fetch(`${emulator.endpoints.binance.rest}/api/v3/exchangeInfo`);
    const settled = Promise.allSettled([request]);
    expect(await answersPing(client)).toBe(false);
    client.socket.close();
    await pause(WHILE_MS);
    expect(client.frames).toHaveLength(frames);
    expect(client.socket.readyState).toBe(client.socket.CLOSING);
    expect(newcomer.socket.readyState).toBe(newcomer.socket.CONNECTING);
    expect(emulator.state().exchanges.binance.connections).toBe(3);
    emulator.mend("binance");
    expect(await newcomer.closed).toEqual(CUT);
    expect((await settled)[0]?.status).toBe("rejected");
    await client.closed;
    await expect.poll(() => emulator.state().exchanges.binance.connections).toBe(0);
  });

  it("stall: heartbeats and pings go on without prices", async ({ onTestFinished }) => {
    const emulator = await running({ timing }, onTestFinished);
    const coinbase = await coinbaseClient(emulator);
    const binance = await connect(binanceUrl(emulator));
    await Promise.all([coinbase.next('"ticker"'), binance.next()]);
    emulator.break("coinbase", "stall");
    emulator.break("binance", "stall");
    await Promise.all([coinbase.settle(), binance.settle()]);
    const beats = [await coinbase.next(), await coinbase.next()];
    const prices = await soon(binance);
    expect(beats.every((text) => text.includes('"heartbeat"'))).toBe(true);
    expect(prices).toEqual([]);
    expect(binance.pings.length).toBeGreaterThan(0);
    expect(await answersPing(coinbase)).toBe(true);
    emulator.mend("coinbase");
    expect(await coinbase.next('"ticker"')).toContain("price");
  });

  it("ack-only: confirms and then says nothing", async ({ onTestFinished }) => {
    const emulator = await running({ timing }, onTestFinished);
    emulator.break("coinbase", "ack-only");
    emulator.break("binance", "ack-only");
    const coinbase = await coinbaseClient(emulator);
    const binance = await connect(binanceUrl(emulator));
    expect(await coinbase.next()).toContain('"subscriptions"');
    binance.send({ method: "LIST_SUBSCRIPTIONS", id: 1 });
    expect(await binance.next()).toContain("!miniTicker@arr");
    await pause(WHILE_MS);
    expect([coinbase.frames.length, binance.frames.length, binance.pings.length]).toEqual([
      1, 1, 0,
    ]);
    expect(binance.socket.readyState).toBe(binance.socket.OPEN);
  });

  it.for(["coincap", "binance", "coinbase"] as const)(
    "garbage: %s mixes every kind of it with good frames",
    async (exchange, { onTestFinished }) => {
      const emulator = await running({}, onTestFinished);
      emulator.break(exchange, "garbage");
      const client =
        exchange === "coinbase"
          ? await coinbaseClient(emulator, ["BTC-USD"], ["ticker"])
          : await connect(exchange === "binance" ? binanceUrl(emulator) : coincapUrl(emulator));
      await expect.poll(() => client.frames.length, { timeout: 2000 }).toBeGreaterThan(12);
      const kinds = new Set(
        client.frames.map(({ text, binary }) => {
          if (binary) return "binary";
          if (text.startsWith("<")) return "not JSON";
          if (text.includes('["?"]')) return "wrong types";
          if (text.startsWith("[null")) return "wrong shape";
          return /[}\]]$/.test(text) ? "good" : "truncated";
        }),
      );
      expect([...kinds].sort()).toEqual([
        "binary",
        "good",
        "not JSON",
        "truncated",
        "wrong shape",
        "wrong types",
      ]);
    },
  );

  it("bad-prices: writes every bad spelling and unknown symbols among good prices", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("binance", "bad-prices");
    const client = await connect(binanceUrl(emulator));
    const written: Ticker[] = [];
    for (let frames = 0; frames < 6; frames++) written.push(...(await tickers(client)));
    const spellings = new Set(written.map(({ c }) => c));
    for (const bad of ["NaN", "0", "-97123.41", "9.7e4", "", null]) {
      expect([bad, spellings.has(bad)]).toEqual([bad, true]);
    }
    expect(written.some(({ s }) => s === "NOSUCHUSDT")).toBe(true);
    const good = written.filter(({ c }) => /^\d+\.\d{8}$/.test(String(c)) && Number(c) > 0);
    expect(good.length).toBeGreaterThan(written.length / 2);
  });

  it("bad-prices: speaks each exchange's own format", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("coincap", "bad-prices");
    emulator.break("coinbase", "bad-prices");
    const coincap = await connect(coincapUrl(emulator));
    expect(await coincap.json("no-such-coin")).toHaveProperty("no-such-coin");
    const products = ["BTC-USD", "ETH-USD", "XRP-USD", "SOL-USD", "BTC-EUR", "ETH-BTC"];
    const coinbase = await coinbaseClient(emulator, products, ["ticker"]);
    expect(await coinbase.json("NOSUCH-USD")).toMatchObject({ type: "ticker" });
    expect(await coinbase.json('"price":null')).toMatchObject({ type: "ticker" });
  });

  it("absurd: makes one asset ten times too dear, in all its pairs, and no other", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    const prices = async () =>
      new Map((await tickers(client)).map(({ s, c }) => [s, Number(c)] as const));
    const before = await prices();
    emulator.break("binance", "absurd");
    await client.settle();
    const ratio = (after: Map<string, number>, symbol: string) =>
      (after.get(symbol) ?? 0) / (before.get(symbol) ?? 1);
    const bitcoin = await prices();
    for (const symbol of ["BTCUSDT", "BTCUSDC"]) expect(ratio(bitcoin, symbol)).toBeCloseTo(10, 0);
    expect(ratio(bitcoin, "ETHUSDT")).toBeCloseTo(1, 1);
    emulator.break("binance", "absurd", { asset: "ethereum" });
    await client.settle();
    const ethereum = await prices();
    expect(ratio(ethereum, "BTCUSDT")).toBeCloseTo(1, 1);
    expect(ratio(ethereum, "ETHUSDT")).toBeCloseTo(10, 0);
  });

  it("unauthorized: CoinCap says so in text, to those who are there and to newcomers", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(coincapUrl(emulator));
    emulator.break("coincap", "unauthorized");
    const newcomer = await connect(coincapUrl(emulator));
    expect(await client.next("Unauthorized")).toMatch(/^Unauthorized/);
    expect(await newcomer.next()).toMatch(/^Unauthorized/);
    await Promise.all([client.closed, newcomer.closed]);
    expect(newcomer.frames).toHaveLength(1);
    const list = await fetch(`${emulator.endpoints.coincap.rest}/v3/assets?apiKey=demo`);
    expect(list.status).toBe(403);
  });

  it("unauthorized: the others cut and answer 401", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    emulator.break("binance", "unauthorized");
    expect(await client.closed).toEqual(CUT);
    expect(await handshakeStatus(binanceUrl(emulator))).toBe(401);
  });

  it("blocked-451: cuts, and answers 451 with the documented body", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    emulator.break("binance", "blocked-451");
    expect(await client.closed).toEqual(CUT);
    expect(await handshakeStatus(binanceUrl(emulator))).toBe(451);
    const list = await fetch(`${emulator.endpoints.binance.rest}/api/v3/exchangeInfo`);
    expect([list.status, await list.json()]).toEqual([
      451,
      {
        code: 0,
        msg: expect.stringMatching(
          /^Service unavailable from a restricted location according to 'b\. /,
        ),
      },
    ]);
  });

  it("rate-limited-429: cuts, and tells the seconds to wait", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await coinbaseClient(emulator);
    emulator.break("coinbase", "rate-limited-429", { seconds: 7 });
    expect(await client.closed).toEqual(CUT);
    const { socket } = dial(emulator.endpoints.coinbase.ws);
    const retryAfter = await new Promise((resolve) => {
      socket.on("unexpected-response", (_request, { statusCode, headers }) =>
        resolve([statusCode, headers["retry-after"]]),
      );
    });
    expect(retryAfter).toEqual([429, "7"]);
    emulator.break("coinbase", "rate-limited-429");
    const list = await fetch(`${emulator.endpoints.coinbase.rest}/products`);
    expect([list.status, list.headers.get("retry-after")]).toEqual([429, "5"]);
  });

  it("banned-418: cuts, and tells the seconds that the ban lasts", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    emulator.break("binance", "banned-418", { seconds: 90 });
    expect(await client.closed).toEqual(CUT);
    expect(await handshakeStatus(binanceUrl(emulator))).toBe(418);
    const list = await fetch(`${emulator.endpoints.binance.rest}/api/v3/exchangeInfo`);
    expect([list.status, list.headers.get("retry-after")]).toEqual([418, "90"]);
  });

  it("quiet-close: open connections go quiet and are closed later, newcomers are served", async ({
    onTestFinished,
  }) => {
    const emulator = await running({ timing }, onTestFinished);
    const client = await coinbaseClient(emulator);
    await client.next('"heartbeat"');
    emulator.break("coinbase", "quiet-close", { seconds: 2 });
    await client.settle();
    expect(await soon(client)).toEqual([]);
    expect(await (await coinbaseClient(emulator)).next('"ticker"')).toContain("BTC-USD");
    expect(await client.closed).toEqual({ code: 1001, reason: "" });
    emulator.break("coinbase", "quiet-close", { seconds: 60 });
    const mended = await coinbaseClient(emulator);
    emulator.break("coinbase", "quiet-close", { seconds: 60 });
    emulator.mend("coinbase");
    expect(await mended.next('"heartbeat"')).toContain("product_id");
  });

  it("dns-failure, tls-failure: only for who comes by name, over TLS", async ({
    onTestFinished,
  }) => {
    const own = await certify("*.emulator.invalid");
    const foreign = await certify("other.invalid");
    const emulator = await running({ names: { own, foreign } }, onTestFinished);
    const { endpoints, lookup } = emulator.byName ?? {};
    const url = `${endpoints?.binance.ws}/ws/!miniTicker@arr`;
    const options = { ca: `${own.cert}\n${foreign.cert}`, ...(lookup ? { lookup } : {}) };
    const failure = () =>
      new Promise<string | undefined>((resolve) => {
        dial(url, options).socket.on("error", (error: NodeJS.ErrnoException) =>
          resolve(error.code),
        );
      });
    const client = await connect(url, options);
    expect(await client.next()).toContain("BTCUSDT");
    emulator.break("binance", "dns-failure");
    expect(await client.closed).toEqual(CUT);
    expect(await failure()).toBe("ENOTFOUND");
    emulator.break("binance", "tls-failure");
    expect(await failure()).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    emulator.mend("binance");
    expect(await (await connect(url, options)).next()).toContain("BTCUSDT");
  });

  it("dns-failure, tls-failure: not offered where nobody comes by name", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    expect(emulator.state().exchanges.binance.faults).not.toContain("dns-failure");
    expect(() => emulator.break("binance", "tls-failure")).toThrow(/cannot have the fault/);
  });

  it("slow-drip: lets through one asset, now and then", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("coincap", "slow-drip", { asset: "ethereum", seconds: 0.12 });
    const client = await connect(coincapUrl(emulator));
    const start = performance.now();
    for (let drops = 0; drops < 3; drops++) {
      expect(Object.keys(await client.json())).toEqual(["ethereum"]);
    }
    // Two pauses between three drops, and some leave for timers that are a little early.
    expect(performance.now() - start).toBeGreaterThan(200);
  });

  it("cut-24h: closes with a handshake, once", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    const client = await connect(binanceUrl(emulator));
    emulator.break("binance", "cut-24h");
    expect(await client.closed).toEqual({ code: 1001, reason: "" });
    expect(await (await connect(binanceUrl(emulator))).next()).toContain("BTCUSDT");
  });

  it("server-shutdown: is announced in both forms, and cuts only those it was announced to", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    const raw = await connect(binanceUrl(emulator));
    const combined = await connect(binanceUrl(emulator, "/stream?streams=btcusdt@miniTicker"));
    emulator.break("binance", "server-shutdown", { seconds: 0.4 });
    const event = { e: "serverShutdown", E: expect.any(Number) };
    expect(await raw.json("serverShutdown")).toEqual(event);
    expect(await combined.json("serverShutdown")).toEqual({
      stream: "!serverShutdown",
      data: event,
    });
    expect(await raw.next()).toContain("24hrMiniTicker");
    const newcomer = await connect(binanceUrl(emulator));
    expect(await Promise.all([raw.closed, combined.closed])).toEqual([CUT, CUT]);
    await pause(50);
    expect(newcomer.socket.readyState).toBe(newcomer.socket.OPEN);
  });

  it("frozen-asset: stops one asset there, while all others and other exchanges go on", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("binance", "frozen-asset");
    const client = await connect(binanceUrl(emulator));
    const seen = [...(await tickers(client)), ...(await tickers(client))].map(({ s }) => s);
    expect(seen).toContain("ETHUSDT");
    expect(seen.filter((symbol) => /^BTC(USDT|USDC|EUR)$/.test(symbol))).toEqual([]);
    expect(await (await connect(coincapUrl(emulator))).json()).toHaveProperty("bitcoin");
    emulator.break("binance", "frozen-asset", { asset: "ethereum" });
    await client.settle();
    expect(await client.next()).toContain("BTCUSDT");
  });

  it("has one fault at a time: the next takes the place of the last", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("binance", "blocked-451");
    emulator.break("binance", "unauthorized");
    expect(await handshakeStatus(binanceUrl(emulator))).toBe(401);
    emulator.break("binance", "drop");
    expect(await handshakeStatus(binanceUrl(emulator))).toBe(101);
    expect(emulator.state().exchanges.coinbase.fault).toBeNull();
  });

  it("cannot have a fault that it doesn't know, and says which it does", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    expect(() => emulator.break("coinbase", "server-shutdown")).toThrow(
      /coinbase cannot have the fault server-shutdown; one of refuse, drop/,
    );
    expect(() => emulator.break("coincap", "absurd", { asset: "nope" })).toThrow(/not trade/);
    expect(() => emulator.break("coincap", "stall", { seconds: 3 })).toThrow(/takes no detail/);
    expect(emulator.state().exchanges.coincap.fault).toBeNull();
  });
});
