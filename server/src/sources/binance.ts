/**
 * Binance spot, mini tickers, of the whole market or of chosen symbols:
 * https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
 */
import type { Instrument, SourceEvent } from "../types.ts";
import { bundledAssets } from "./assets.ts";
import {
  addTick,
  type Batch,
  bad,
  excerpt,
  isRecord,
  parseJson,
  readInstruments,
  slices,
} from "./reading.ts";
import { defineSource } from "./source.ts";
import { copied, elementSpelled, INTEGER, SKIPPED, TEXT } from "./spelling.ts";

/** The documented names of streams that carry no 24 h ticker. */
const OTHER_EVENTS = new Set(["aggTrade", "trade", "kline", "depthUpdate", "24hrTicker"]);

/** Longest first, so that `BTCFDUSD` is BTC in FDUSD and not BTCFD in USD. */
const QUOTES =
  "FDUSD USDT USDC TUSD BUSD BIDR IDRT DOGE USD1 USDS USD DAI PAX BTC ETH BNB XRP TRX SOL DOT EUR TRY BRL AUD GBP RUB JPY MXN PLN ARS ZAR UAH RON CZK COP NGN VAI UST IDR"
    .split(" ")
    .sort((a, b) => b.length - a.length);

/** One message with 437 was seen to be ignored: https://github.com/altangent/ccxws/issues/161 */
const STREAMS_PER_MESSAGE = 200;

const MINI_TICKER = elementSpelled`{"e":"24hrMiniTicker","E":${INTEGER},"s":${TEXT},"c":${TEXT},"o":${TEXT},"h":${SKIPPED},"l":${SKIPPED},"v":${SKIPPED},"q":${TEXT}}`;

export const binance = defineSource({
  name: "binance",
  facts: {
    endpoint: { ws: "wss://stream.binance.com:9443", rest: "https://data-api.binance.vision" },
    hosts: ["stream.binance.com", "data-stream.binance.vision", "stream.binance.us"],
    naming: "symbol",
    silenceMs: 10_000,
    firehose: true,
    lifetimeMs: 24 * 3_600_000,
    limits: {
      connects: { count: 300, perMs: 300_000 },
      messages: { count: 5, perMs: 1000 },
      symbolsPerConnection: 1024,
    },
    regionHint:
      "try --endpoint binance=wss://data-stream.binance.vision or, in the US, binance=wss://stream.binance.us:9443",
  },
  connect: ({ endpoint, symbols, selected }) =>
    selected
      ? { url: `${endpoint.ws}/stream`, send: subscriptions(symbols) }
      : { url: `${endpoint.ws}/ws/!miniTicker@arr`, send: [] },
  read(frame) {
    const tickers = readAsDocumented(frame);
    if (tickers) return tickers;
    const message = parseJson(frame);
    if (message === undefined) return bad("not_json", frame);
    const combined = isRecord(message) && typeof message.stream === "string";
    return readPayload(combined ? message.data : message, frame);
  },
  listing: {
    url: ({ rest }) => `${rest}/api/v3/exchangeInfo?showPermissionSets=false&symbolStatus=TRADING`,
    read: (body) =>
      readInstruments(
        isRecord(body) ? body.symbols : undefined,
        { symbol: "symbol", base: "baseAsset", quote: "quoteAsset" },
        ({ status }) => status === "TRADING",
      ),
    split: splitSymbol,
    // Guesses: a stream that does not exist brings nothing, and costs nothing.
    bundled: bundledAssets.flatMap(({ symbol }) => (symbol === "USDT" ? [] : `${symbol}USDT`)),
  },
});

/** Upper-case streams are accepted and bring nothing. */
const subscriptions = (symbols: readonly string[]): string[] =>
  slices(symbols, STREAMS_PER_MESSAGE).map((some, index) => {
    const params = some.map((symbol) => `${symbol.toLowerCase()}@miniTicker`);
    return JSON.stringify({ method: "SUBSCRIBE", params, id: index + 1 });
  });

/** An array of mini tickers with nothing unusual in it; undefined for any other frame. */
function readAsDocumented(frame: string): SourceEvent | undefined {
  if (!frame.startsWith("[")) return undefined;
  const batch: Batch = { ticks: [], rejected: [] };
  MINI_TICKER.lastIndex = 1;
  for (;;) {
    const ticker = MINI_TICKER.exec(frame);
    if (!ticker) return undefined;
    const [, time, symbol = "", close = "", open = "", traded = "", end] = ticker;
    const tick = {
      symbol: copied(symbol),
      open24h: copied(open),
      quoteVolume24h: copied(traded),
      time: Number(time),
    };
    addTick(batch, tick, copied(close));
    if (end === ",") continue;
    return MINI_TICKER.lastIndex === frame.length ? { kind: "ticks", ...batch } : undefined;
  }
}

function readPayload(payload: unknown, frame: string): SourceEvent {
  if (Array.isArray(payload)) return readTickers(payload);
  if (!isRecord(payload)) return bad("wrong_type", frame);
  const { e: event, error, code, msg } = payload;
  if (event === "24hrMiniTicker") return readTickers([payload]);
  if (event === "serverShutdown") return { kind: "reconnect", reason: "serverShutdown" };
  if (typeof event === "string" && OTHER_EVENTS.has(event)) return { kind: "ignored", what: event };
  if (isRecord(error)) return { kind: "error", message: excerpt(error.msg), fatal: false };
  if (code !== undefined && msg !== undefined) {
    return { kind: "error", message: excerpt(msg), fatal: false };
  }
  if ("result" in payload && "id" in payload) return { kind: "ack" };
  return readUntyped(payload);
}

/** Book tickers and partial depth carry no `e`. */
function readUntyped(payload: Record<string, unknown>): SourceEvent {
  if ("u" in payload && "b" in payload && "a" in payload) {
    return { kind: "ignored", what: "bookTicker" };
  }
  if ("lastUpdateId" in payload) return { kind: "ignored", what: "depth" };
  return { kind: "unknown", what: excerpt(payload.e ?? Object.keys(payload).slice(0, 5).join()) };
}

function readTickers(tickers: unknown[]): SourceEvent {
  const batch: Batch = { ticks: [], rejected: [] };
  for (const ticker of tickers) {
    if (!isRecord(ticker) || typeof ticker.s !== "string") {
      batch.rejected.push({ reason: "wrong_type", detail: "element without a symbol" });
      continue;
    }
    const { s: symbol, c: close, o: open, q: traded, E: time } = ticker as RawMiniTicker;
    const tick = {
      symbol,
      ...(typeof open === "string" ? { open24h: open } : {}),
      ...(typeof traded === "string" ? { quoteVolume24h: traded } : {}),
      ...(typeof time === "number" ? { time } : {}),
    };
    addTick(batch, tick, close);
  }
  return { kind: "ticks", ...batch };
}

function splitSymbol(symbol: string): Instrument | undefined {
  const quote = QUOTES.find((end) => symbol.length > end.length && symbol.endsWith(end));
  return quote ? { symbol, base: symbol.slice(0, -quote.length), quote } : undefined;
}

type RawMiniTicker = { s: string; c: unknown; o: unknown; q: unknown; E: unknown };
