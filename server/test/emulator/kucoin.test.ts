import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Emulator } from "../../src/emulator/emulator.ts";
import { capture, capturedLines } from "../support/captures.ts";
import { type Client, connect, getJson, pause, running, shared, spelling } from "./support.ts";

const healthy = shared();

const captures = [capture("KUCOIN"), capture("../tardis-node/KUCOIN")].filter(
  ({ exists }) => exists,
);

const TICKER = "/market/ticker:";

/** Trailing zeros after the point. */
const UNTRIMMED = /\.\d*0$/;

type Row = Record<string, unknown>;

/** As the exchange answers it, for one socket. */
async function ticket({ endpoints }: Emulator): Promise<{ token: string; server: Row }> {
  const response = await fetch(`${endpoints.kucoin.rest}/api/v1/bullet-public`, { method: "POST" });
  const { code, data } = Object(await response.json());
  expect(code).toBe("200000");
  return { token: data.token, server: data.instanceServers[0] };
}

/** What is traded there. */
async function tradedSymbols({ endpoints }: Emulator): Promise<string[]> {
  const { data } = await getJson(`${endpoints.kucoin.rest}/api/v2/symbols`);
  const rows = Object.values(Object(data)).map(Object);
  return rows.filter(({ enableTrading }) => enableTrading).map(({ symbol }) => symbol);
}

async function kucoinClient(emulator: Emulator, ...topics: string[]): Promise<Client> {
  const { token, server } = await ticket(emulator);
  const query = new URLSearchParams({ token, connectId: "mine" });
  const client = await connect(`${server.endpoint}?${query}`);
  for (const topic of topics) client.send({ id: 1, type: "subscribe", topic, response: true });
  return client;
}

describe.skipIf(captures.length === 0)("held against captured frames", { concurrent: true }, () => {
  const frames: Row[] = captures
    .flatMap(({ file }) => capturedLines(file))
    .filter(({ dir }) => dir === "in")
    .map(({ raw }) => JSON.parse(raw));
  const tickers = frames.filter(({ topic }) => String(topic).startsWith(TICKER));

  it("a ticker has the same keys, each spelled the same, numbers without trailing zeros", async () => {
    const [captured, ...others] = tickers.map(spelling);
    for (const other of others) expect(other).toEqual(captured);
    const symbols = await tradedSymbols(healthy());
    const client = await kucoinClient(
      healthy(),
      ...[0, 100, 200].map((n) => TICKER + symbols.slice(n, n + 100).join()),
    );
    for (let n = 0; n < 300; n++) {
      const ticker = await client.json(TICKER);
      expect(spelling(ticker)).toEqual(captured);
      for (const text of Object.values(Object(ticker.data))) {
        expect(String(text)).not.toMatch(UNTRIMMED);
      }
    }
    for (const { data } of tickers) expect(Object(data).price).not.toMatch(UNTRIMMED);
  });

  it("a welcome and a confirmation have the same shape", async () => {
    const client = await kucoinClient(healthy(), `${TICKER}BTC-USDT`);
    for (const type of ["welcome", "ack"]) {
      const captured = frames.find((frame) => frame.type === type);
      expect(spelling(await client.json(`"${type}"`))).toEqual(spelling(captured));
    }
  });
});

describe.concurrent("the ticket", () => {
  it("has the documented shape, and leads to the emulator itself", async () => {
    const { token, server } = await ticket(healthy());
    expect(token).toMatch(/^\S+=$/);
    expect(server).toEqual({
      endpoint: `${healthy().endpoints.kucoin.ws}/`,
      encrypt: true,
      protocol: "websocket",
      pingInterval: 18_000,
      pingTimeout: 10_000,
    });
  });

  it("is handed out to POST alone", async () => {
    const { rest } = healthy().endpoints.kucoin;
    expect(await getJson(`${rest}/api/v1/bullet-public`)).toEqual({
      msg: "Method Not Allowed",
      code: "405000",
    });
  });

  it("is asked for at the door", async () => {
    for (const query of ["", "?token=", "?token=made-up"]) {
      const client = await connect(`${healthy().endpoints.kucoin.ws}/${query}`);
      expect(await client.json()).toEqual({ code: 401, data: "token is invalid", type: "error" });
      expect((await client.closed).code).toBe(1000);
    }
  });

  it("serves for a day", async ({ onTestFinished }) => {
    let later = 0;
    const clock = { ...systemClock, now: () => Date.now() + later };
    const emulator = await running({ clock }, onTestFinished);
    const { token, server } = await ticket(emulator);
    later = 25 * 3_600_000;
    const client = await connect(`${server.endpoint}?${new URLSearchParams({ token })}`);
    expect(await client.json()).toMatchObject({ code: 401, data: "token is expired" });
  });
});

describe.concurrent("subscribing", () => {
  it("is welcomed first, by the name that the client gave itself", async () => {
    const client = await kucoinClient(healthy(), `${TICKER}BTC-USDT`);
    expect(await client.json()).toEqual({ id: "mine", type: "welcome" });
    expect(await client.json()).toEqual({ id: "1", type: "ack" });
    expect(await client.json()).toMatchObject({
      type: "message",
      topic: `${TICKER}BTC-USDT`,
      subject: "trade.ticker",
    });
  });

  it("to all brings every symbol, named by the subject", async () => {
    const client = await kucoinClient(healthy(), `${TICKER}all`);
    const seen = new Set<unknown>();
    while (seen.size < 100) {
      const { topic, subject, data } = await client.json('"message"');
      expect(topic).toBe(`${TICKER}all`);
      expect(Object.keys(Object(data))).toContain("price");
      seen.add(subject);
    }
    expect(seen).toContain("BTC-USDT");
  });

  it("numbers the tickers of a symbol upwards, and is confirmed only if asked to", async () => {
    const client = await kucoinClient(healthy());
    client.send({ id: 7, type: "subscribe", topic: `${TICKER}BTC-USDT,ETH-USDT` });
    let before = 0;
    for (let n = 0; n < 5; n++) {
      const sequence = Number(Object((await client.json("BTC-USDT")).data).sequence);
      expect(sequence).toBeGreaterThan(before);
      before = sequence;
    }
    expect(client.frames.some(({ text }) => text.includes('"ack"'))).toBe(false);
    client.send({ id: 8, type: "unsubscribe", topic: `${TICKER}ETH-USDT`, response: true });
    await client.next('{"id":"8","type":"ack"}');
    const after = client.frames.length;
    await client.next("BTC-USDT");
    await client.next("BTC-USDT");
    expect(client.frames.slice(after).some(({ text }) => text.includes("ETH-USDT"))).toBe(false);
  });

  it.each([
    [{ topic: `${TICKER}BTC-USDT,NOPE-USDT` }, 404, `topic ${TICKER}NOPE-USDT is not found`],
    [{ topic: `${TICKER}USDT-DAI` }, 404, /is not found$/],
    [{ topic: "/market/nope" }, 404, "topic /market/nope is not found"],
    [{ topic: `${TICKER} BTC-USDT` }, 400, /is invalid$/],
    [{}, 406, "topic is required"],
    [{ type: "nope" }, 415, "command type is invalid"],
  ])("is refused for %j", async (message, code, text) => {
    const client = await kucoinClient(healthy());
    client.send({ id: 3, type: "subscribe", response: true, ...message });
    const error = await client.json('"error"');
    expect(error).toEqual({ id: "3", type: "error", code, data: expect.stringMatching(text) });
    await pause(60);
    expect(client.frames).toHaveLength(2);
  });

  it("takes a hundred symbols at a time", async () => {
    const symbols = await tradedSymbols(healthy());
    const client = await kucoinClient(healthy(), TICKER + symbols.slice(0, 101).join());
    expect(await client.json("error")).toMatchObject({
      code: 509,
      data: "exceed max subscription count limitation of 100 per time",
    });
  });
});

it("lets a connection live by the client's pings, which are answered", async () => {
  const emulator = await running({ timing: { hearEveryMs: 300, hearWithinMs: 200 } });
  expect((await ticket(emulator)).server).toMatchObject({ pingInterval: 300, pingTimeout: 200 });
  const pinging = await kucoinClient(emulator);
  const pings = setInterval(() => pinging.send({ id: "x", type: "ping" }), 50);
  const idle = await kucoinClient(emulator);
  expect(await idle.json("error")).toMatchObject({ code: 400, data: "ping timeout" });
  expect((await idle.closed).code).toBe(1000);
  clearInterval(pings);
  expect(await pinging.json("pong")).toEqual({ id: "x", type: "pong" });
  expect(pinging.socket.readyState).toBe(pinging.socket.OPEN);
});

it("dismisses who sends more than a hundred messages in ten seconds", async () => {
  const client = await kucoinClient(healthy());
  for (let n = 0; n <= 100; n++) client.send({ id: String(n), type: "ping" });
  expect(await client.json("error")).toMatchObject({ data: "exceed max permits per second" });
  expect((await client.closed).code).toBe(1000);
  expect(client.frames).toHaveLength(102);
});

describe.concurrent("a broken exchange", () => {
  it("stalls without prices while it answers pings, and then not even those", async ({
    onTestFinished,
  }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("kucoin", "stall");
    const client = await kucoinClient(emulator, `${TICKER}all`);
    client.send({ id: "x", type: "ping" });
    const types = [await client.json(), await client.json(), await client.json()];
    expect(types.map(({ type }) => type)).toEqual(["welcome", "ack", "pong"]);
    emulator.break("kucoin", "ack-only");
    client.send({ id: "x", type: "ping" });
    await pause(100);
    expect(client.frames).toHaveLength(3);
  });

  it("writes bad prices and symbols in its own format", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("kucoin", "bad-prices");
    const client = await kucoinClient(emulator, `${TICKER}all`);
    expect(await client.json("NOSUCH")).toMatchObject({ subject: "NOSUCH-USDT" });
    expect(await client.json('"price":null')).toHaveProperty("data");
  });

  it("hands out no tickets either", async ({ onTestFinished }) => {
    const emulator = await running({}, onTestFinished);
    emulator.break("kucoin", "blocked-451");
    const { rest } = emulator.endpoints.kucoin;
    const answer = await fetch(`${rest}/api/v1/bullet-public`, { method: "POST" });
    expect([answer.status, await answer.json()]).toMatchObject([451, { code: "400302" }]);
  });
});

it("lists its symbols, those that are not traded too", async () => {
  const { data } = await getJson(`${healthy().endpoints.kucoin.rest}/api/v2/symbols`);
  const find = (name: string) =>
    Object.values(Object(data))
      .map(Object)
      .find(({ symbol }) => symbol === name);
  expect(find("BTC-USDT")).toMatchObject({
    baseCurrency: "BTC",
    quoteCurrency: "USDT",
    priceIncrement: "0.01",
    enableTrading: true,
  });
  expect(find("BTC-DAI")).toMatchObject({ enableTrading: false });
});
