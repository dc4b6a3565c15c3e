/**
 * Bybit v5 spot, `tickers`: https://bybit-exchange.github.io/docs/v5/websocket/public/ticker and
 * https://bybit-exchange.github.io/docs/v5/ws/connect
 * Tickers rest on the documentation: of v5 only trades and order books were captured. Refusals are
 * undocumented, their texts are those that public clients report.
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
} from "./reading.ts";
import { defineSource } from "./source.ts";

const TICKERS = "tickers.";

/** First parts of topics that carry no ticker: of v5, then of the APIs before it. */
const OTHER_TOPICS = new Set(
  "publicTrade orderbook kline trade depth bookTicker realtimes instrument_info".split(" "),
);

/** Most that one subscription message may name. */
const MOST_ARGS = 10;

/** None is the end of another. */
const PAIR = /^(\w+)(USDT|USDC|USDE|USD1|DAI|EUR|BRL|PLN|TRY|BTC|ETH|SOL|MNT)$/;

/** `error:handler not found,topic:tickers.NOPE` or `Invalid symbol :[tickers.NOPE]`. */
const REFUSED = /^(?:error:handler not found,topic:|Invalid symbol :\[)tickers\.(\w+)/;

export const bybit = defineSource({
  name: "bybit",
  facts: {
    endpoint: { ws: "wss://stream.bybit.com", rest: "https://api.bybit.com" },
    hosts: ["stream.bybit.com", "stream.bybit-tr.com", "stream.bybit.kz", "stream.bybitgeorgia.ge"],
    naming: "symbol",
    silenceMs: 10_000,
    limits: { connects: { count: 500, perMs: 300_000 } },
    regionHint:
      "Bybit answers the USA with HTTP 403; Turkey, Kazakhstan and Georgia have hosts of their own, such as stream.bybit.kz",
  },
  connect: ({ endpoint, symbols }) => ({
    url: `${endpoint.ws}/v5/public/spot`,
    send: slices(symbols, MOST_ARGS).map((some) =>
      JSON.stringify({ op: "subscribe", args: some.map((symbol) => `${TICKERS}${symbol}`) }),
    ),
    keepAlive: { everyMs: 20_000, frame: '{"op":"ping"}' },
  }),
  read(frame) {
    const message = parseJson(frame);
    if (message === undefined) return bad("not_json", frame);
    if (!isRecord(message)) return bad("wrong_type", frame);
    const { topic, success, ret_msg: text } = message;
    if (typeof topic === "string") return readTopic(topic, message, frame);
    if (text === "pong") return { kind: "heartbeat" };
    if (success === true) return { kind: "ack" };
    if (success === false && typeof text === "string") return readRefusal(text);
    return bad("wrong_type", frame);
  },
  listing: {
    url: ({ rest }) => `${rest}/v5/market/instruments-info?category=spot`,
    read: (body) =>
      readInstruments(
        isRecord(body) && isRecord(body.result) ? body.result.list : undefined,
        { symbol: "symbol", base: "baseCoin", quote: "quoteCoin" },
        ({ status }) => status === "Trading",
      ),
    split(symbol) {
      const [, base, quote] = PAIR.exec(symbol) ?? [];
      return base && quote ? { symbol, base, quote } : undefined;
    },
    // From memory: each has been traded there for years.
    bundled:
      "BTC ETH XRP SOL DOGE ADA TRX AVAX LINK DOT LTC BCH TON SHIB UNI NEAR APT ARB OP ATOM XLM FIL ALGO AAVE SUI PEPE MNT USDC"
        .split(" ")
        .map((base) => `${base}USDT`),
  },
});

function readTopic(topic: string, message: RawTicker, frame: string): SourceEvent {
  if (topic.startsWith(TICKERS)) return readTicker(message, frame);
  const [what = ""] = topic.split(".");
  return OTHER_TOPICS.has(what) ? { kind: "ignored", what } : { kind: "unknown", what: topic };
}

/** Spot tickers are always whole (`snapshot`), and have no bid and ask. */
function readTicker({ ts: time, cs: sequence, data }: RawTicker, frame: string): SourceEvent {
  if (!isRecord(data) || typeof data.symbol !== "string") return bad("wrong_type", frame);
  const { symbol, prevPrice24h, volume24h, turnover24h, price24hPcnt: ratio } = data;
  const change24h = typeof ratio === "string" && ratio !== "" ? Number(ratio) * 100 : Number.NaN;
  const batch: Batch = { ticks: [], rejected: [] };
  const tick = {
    symbol,
    ...(typeof prevPrice24h === "string" ? { open24h: prevPrice24h } : {}),
    ...(Number.isFinite(change24h) ? { change24h } : {}),
    ...(typeof volume24h === "string" ? { baseVolume24h: volume24h } : {}),
    ...(typeof turnover24h === "string" ? { quoteVolume24h: turnover24h } : {}),
    ...(typeof time === "number" ? { time } : {}),
    ...(typeof sequence === "number" ? { sequence } : {}),
  };
  addTick(batch, tick, data.lastPrice);
  return { kind: "ticks", ...batch };
}

/**
 * One bad topic costs all that its message names. When subscribing again, one that is held already
 * does so too, and which are held is told nowhere: a new connection makes it sure.
 */
function readRefusal(text: string): SourceEvent {
  if (text.startsWith("error:already subscribed")) return { kind: "reconnect", reason: text };
  const symbol = REFUSED.exec(text)?.[1];
  return { kind: "error", message: text, fatal: false, ...(symbol ? { symbols: [symbol] } : {}) };
}

type RawTicker = { ts?: unknown; cs?: unknown; data?: unknown };
