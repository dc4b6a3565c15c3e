import pino from "pino";
import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/emulator.ts";
import { kucoin } from "../../src/sources/kucoin.ts";
import type { TicketOffice } from "../../src/sources/source.ts";
import { until } from "../support/client.ts";
import { startFeed } from "../support/feed.ts";

const endpoint = { ws: "wss://x", rest: "https://x" };
const TICKET = { url: "wss://x/?token=secret", pingEveryMs: 18_000 };

const answer = (server: object, token: unknown = "se+cret==") => ({
  code: "200000",
  data: { token, instanceServers: [{ endpoint: "wss://x/", pingInterval: 18_000, ...server }] },
});
const readTicket = (body: unknown) => kucoin.ticket?.read(body);

describe("the ticket", () => {
  it("becomes the socket's address, its token escaped", () => {
    expect(kucoin.ticket?.url(endpoint)).toBe("https://x/api/v1/bullet-public");
    const url = new URL(readTicket(answer({}))?.url ?? "");
    expect(url.href).toMatch(/^wss:\/\/x\/\?token=se%2Bcret%3D%3D&connectId=\w+$/);
    expect(url.searchParams.get("token")).toBe("se+cret==");
  });

  it.each([
    [50_000, 50_000],
    [1, 1_000],
    [1e12, 60_000],
    ["soon", 18_000],
  ])("that asks for a ping each %j ms gets one each %i ms", (pingInterval, pingEveryMs) => {
    expect(readTicket(answer({ pingInterval }))).toMatchObject({ pingEveryMs });
  });

  it.each([
    ["no object", null],
    ["no server", { data: { token: "secret", instanceServers: [] } }],
    ["no address", answer({ endpoint: 1 })],
    ["no socket's address", answer({ endpoint: "https://x/" })],
    ["no token", answer({}, null)],
  ])("with %s is refused, in words that do not tell the token", (_what, body) => {
    expect(() => readTicket(body)).toThrow(/^KuCoin's ticket lacks [\w ]+$/);
  });
});

describe("subscribing", () => {
  const connect = (symbols: string[], selected: boolean) =>
    kucoin.connect({ endpoint, key: undefined, symbols, selected, ticket: TICKET });
  const topics = (symbols: string[], selected: boolean) =>
    connect(symbols, selected).send.map((frame) => JSON.parse(frame).topic);

  it("is to everything, unless assets were chosen", () => {
    expect(topics(["BTC-USDT"], false)).toEqual(["/market/ticker:all"]);
    expect(topics([], true)).toEqual(["/market/ticker:all"]);
    expect(topics(["BTC-USDT", "ETH-USDT"], true)).toEqual(["/market/ticker:BTC-USDT,ETH-USDT"]);
  });

  it("names no more than a hundred symbols in a topic", () => {
    const many = Array.from({ length: 201 }, (_, n) => `COIN${n}-USDT`);
    expect(topics(many, true).map((topic) => topic.split(",").length)).toEqual([100, 100, 1]);
  });

  it("waits for the welcome, at the ticket's address and with its pings", () => {
    expect(connect([], false)).toMatchObject({
      url: TICKET.url,
      sendOn: "ready",
      keepAlive: { everyMs: TICKET.pingEveryMs },
    });
    expect(kucoin.read('{"id":"hQvf8jkno","type":"welcome"}')).toEqual({ kind: "ready" });
  });
});

const tick = (topic: string, subject: string, sequence: unknown) => {
  const data = { sequence, price: "0.08", time: 1704873323416 };
  const event = kucoin.read(JSON.stringify({ type: "message", topic, subject, data }));
  return event.kind === "ticks" ? event.ticks[0] : event;
};

it("takes the symbol from the topic, and on `all` from the subject", () => {
  expect(tick("/market/ticker:BTC-USDT", "trade.ticker", "1")).toMatchObject({
    symbol: "BTC-USDT",
  });
  expect(tick("/market/ticker:all", "ETH-USDT", "1")).toMatchObject({ symbol: "ETH-USDT" });
});

it("numbers a price only where the number is exact", () => {
  const numbered = (sequence: unknown) => tick("/market/ticker:all", "ETH-USDT", sequence);
  expect(numbered("11067996711960")).toMatchObject({ sequence: 11067996711960 });
  for (const other of ["11067996711960577", "x", 5, null]) {
    expect(numbered(other)).not.toHaveProperty("sequence");
  }
});

it("knows which symbol is refused, if only one is named", () => {
  const refused = (topic: string) =>
    kucoin.read(`{"id":"1","type":"error","code":404,"data":"topic ${topic} is not found"}`);
  expect(refused("/market/ticker:NOPE-USDT")).toMatchObject({ symbols: ["NOPE-USDT"] });
  expect(refused("/market/ticker:BTC-USDT,NOPE-USDT")).not.toHaveProperty("symbols");
  expect(kucoin.read('{"type":"error","code":401,"data":"token is expired"}')).toEqual({
    kind: "error",
    message: "token is expired",
    fatal: false,
  });
});

it("comes back with a new ticket after a cut, and tells its token to no log", async ({
  onTestFinished,
}) => {
  const emulator = await startEmulator({ assets: 500, tickMs: 25 });
  onTestFinished(() => emulator.close());
  const lines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line) => lines.push(line) });
  const urls: string[] = [];
  const ticket = {
    method: "POST",
    url: ({ rest }) => `${rest}/api/v1/bullet-public`,
    read(body) {
      const read = readTicket(body) ?? expect.fail("no ticket");
      urls.push(read.url);
      return read;
    },
  } satisfies TicketOffice;
  const { feed } = startFeed({ ...kucoin, ticket }, emulator.endpoints.kucoin, { log });
  onTestFinished(() => feed.stop());
  const live = () => feed.health().sources[0]?.state === "live";
  await until(live);
  emulator.break("kucoin", "drop");
  await until(() => !live());
  await until(live);
  const tokens = urls.map((url) => new URL(url).searchParams.get("token") ?? expect.fail(url));
  expect(new Set(tokens).size).toBe(2);
  // Without its end, which an address spells differently.
  for (const token of tokens) expect(lines.join("")).not.toContain(token.split("=")[0]);
});
