/**
 * KuCoin spot, `/market/ticker`: https://www.kucoin.com/docs-new/3470063w0
 * Captured in 2021 and 2022: welcome, ack, pong and tickers by symbol. All else rests on the
 * documentation, errors and the refusal of a topic on what users of it report.
 */
import type { SourceEvent } from "../types.ts";
import {
  addTick,
  type Batch,
  bad,
  isRecord,
  parseJson,
  readInstruments,
  slices,
  splitDashed,
} from "./reading.ts";
import { defineSource, type Ticket } from "./source.ts";

const TICKER = "/market/ticker:";

/** Topics that carry no ticker. */
const OTHER_TOPIC = /^\/\w+\/(match|candles|snapshot|level[123](?:Depth50?)?)(?::|$)/;

/** Most symbols that one topic may name. */
const MOST_SYMBOLS = 100;

/** The documented interval of pings, where a ticket tells none, and the bounds of one it tells. */
const PING_MS = 18_000;
const LEAST_PING_MS = 1000;
const MOST_PING_MS = 60_000;

export const kucoin = defineSource({
  name: "kucoin",
  facts: {
    endpoint: { ws: "wss://ws-api-spot.kucoin.com", rest: "https://api.kucoin.com" },
    hosts: ["ws-api-spot.kucoin.com", "ws-api.kucoin.com", "push-private.kucoin.com"],
    naming: "symbol",
    silenceMs: 10_000,
    // https://github.com/Kucoin/kucoin-api-docs, "Request Rate Limit"
    limits: { connects: { count: 30, perMs: 60_000 }, messages: { count: 100, perMs: 10_000 } },
  },
  ticket: { method: "POST", url: ({ rest }) => `${rest}/api/v1/bullet-public`, read: readTicket },
  connect: ({ endpoint, symbols, selected, ticket }) => ({
    url: ticket?.url ?? endpoint.ws,
    send: topics(selected ? symbols : []).map(subscribe),
    sendOn: "ready",
    keepAlive: { everyMs: ticket?.pingEveryMs ?? PING_MS, frame: '{"id":"ping","type":"ping"}' },
  }),
  read(frame) {
    const message = parseJson(frame);
    if (message === undefined) return bad("not_json", frame);
    if (!isRecord(message) || typeof message.type !== "string") return bad("wrong_type", frame);
    const { type } = message;
    if (type === "message") return readMessage(message, frame);
    if (type === "welcome") return { kind: "ready" };
    if (type === "ack") return { kind: "ack" };
    if (type === "pong") return { kind: "heartbeat" };
    return type === "error" ? readError(message, frame) : { kind: "unknown", what: type };
  },
  listing: {
    url: ({ rest }) => `${rest}/api/v2/symbols`,
    read: (body) =>
      readInstruments(
        isRecord(body) ? body.data : undefined,
        { symbol: "symbol", base: "baseCurrency", quote: "quoteCurrency" },
        ({ enableTrading }) => enableTrading === true,
      ),
    split: splitDashed,
    bundled: [],
  },
});

/**
 * `all` is one subscription that no symbol can spoil, needs no list and brings new coins by itself.
 * Where few assets are wanted, naming them spares the traffic of a thousand others.
 */
const topics = (symbols: readonly string[]): string[] =>
  symbols.length > 0 ? slices(symbols, MOST_SYMBOLS).map((some) => some.join()) : ["all"];

const subscribe = (topic: string, index: number): string =>
  JSON.stringify({ id: index + 1, type: "subscribe", topic: TICKER + topic, response: true });

/** The `connectId` may be any text. */
function readTicket(body: unknown): Ticket {
  const data = isRecord(body) && isRecord(body.data) ? body.data : {};
  const [server]: unknown[] = Array.isArray(data.instanceServers) ? data.instanceServers : [];
  const { endpoint, pingInterval } = isRecord(server) ? server : {};
  const url = typeof endpoint === "string" ? URL.parse(endpoint) : null;
  if (typeof data.token !== "string" || !url || !/^wss?:$/.test(url.protocol)) {
    throw new Error("KuCoin's ticket lacks a token or the address of a socket");
  }
  url.search = String(new URLSearchParams({ token: data.token, connectId: "prices" }));
  const pingMs = typeof pingInterval === "number" ? pingInterval : PING_MS;
  const pingEveryMs = Math.min(MOST_PING_MS, Math.max(LEAST_PING_MS, pingMs));
  return { url: url.href, pingEveryMs };
}

/** On `all` the subject is the symbol. Tickers tell nothing of the last 24 hours. */
function readMessage({ topic, subject, data }: RawMessage, frame: string): SourceEvent {
  if (typeof topic !== "string") return bad("wrong_type", frame);
  const other = OTHER_TOPIC.exec(topic)?.[1];
  if (other !== undefined) return { kind: "ignored", what: other };
  if (!topic.startsWith(TICKER)) return { kind: "unknown", what: topic };
  const named = topic.slice(TICKER.length);
  const symbol = named === "all" ? subject : named;
  if (typeof symbol !== "string" || !isRecord(data)) return bad("wrong_type", frame);
  const { price, time } = data;
  const sequence = typeof data.sequence === "string" ? Number(data.sequence) : Number.NaN;
  const batch: Batch = { ticks: [], rejected: [] };
  const tick = {
    symbol,
    ...(typeof time === "number" ? { time } : {}),
    // Beyond 2^53 two different ones could look the same.
    ...(Number.isSafeInteger(sequence) ? { sequence } : {}),
  };
  addTick(batch, tick, price);
  return { kind: "ticks", ...batch };
}

/** `topic /market/ticker:NOPE-USDT is not found`; a text with several names does not tell which. */
function readError({ data: message }: RawMessage, frame: string): SourceEvent {
  if (typeof message !== "string") return bad("wrong_type", frame);
  const symbol = /^topic \/market\/ticker:([^\s,]+) is/.exec(message)?.[1];
  return { kind: "error", message, fatal: false, ...(symbol ? { symbols: [symbol] } : {}) };
}

type RawMessage = { topic?: unknown; subject?: unknown; data?: unknown };
