/**
 * Kraken v2, `ticker`: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/ticker
 * The frames of v2 and the list of pairs rest on the documentation and on public clients; only v1 was
 * captured (`kraken-v1.ts`).
 */
import type { Instrument, SourceEvent } from "../types.ts";
import { parseExact } from "./decimals.ts";
import { isV1, readV1 } from "./kraken-v1.ts";
import { addTick, type Batch, bad, excerpt, isRecord } from "./reading.ts";
import { defineSource, type Listed } from "./source.ts";

/** Documented channels that carry no ticker. */
const OTHER_CHANNELS = new Set(
  "status book level3 ohlc trade instrument executions balances".split(" "),
);

/** v2 renamed these two; the list of pairs still has the old codes. */
const RENAMED = new Map([
  ["XBT", "BTC"],
  ["XDG", "DOGE"],
]);

/** Large assets that public clients of this feed subscribe to. What Kraken lacks, it refuses by name. */
const BUNDLED =
  "BTC ETH XRP SOL DOGE USDT ADA TRX AVAX SUI LINK XLM DOT BCH LTC UNI ETC AAVE ALGO FIL"
    .split(" ")
    .map((base) => `${base}/USD`);

export const kraken = defineSource({
  name: "kraken",
  facts: {
    endpoint: { ws: "wss://ws.kraken.com", rest: "https://api.kraken.com" },
    hosts: ["ws.kraken.com", "beta-ws.kraken.com"],
    naming: "symbol",
    silenceMs: 10_000,
    // About so many, then an address is banned for ten minutes: the guide spot-ws-intro.
    limits: { connects: { count: 150, perMs: 600_000 } },
  },
  connect: ({ endpoint, symbols }) => ({
    url: `${endpoint.ws}/v2`,
    // By `trades` a quiet pair grows stale, and another exchange may speak for it. By `bbo` each change
    // of the book would bring its old last trade again, as if it were new.
    send: [
      JSON.stringify({
        method: "subscribe",
        params: { channel: "ticker", symbol: symbols, event_trigger: "trades" },
      }),
    ],
    keepAlive: { everyMs: 30_000, frame: '{"method":"ping"}' },
  }),
  read(frame) {
    const message = parseExact(frame);
    if (message === undefined) return bad("not_json", frame);
    if (isV1(message)) return readV1(message);
    if (!isRecord(message)) return bad("wrong_type", frame);
    const { channel, data } = message;
    if (channel === "ticker") return readTickers(data, frame);
    if (channel === "heartbeat") return { kind: "heartbeat" };
    if (typeof channel !== "string") return readAnswer(message, frame);
    return OTHER_CHANNELS.has(channel)
      ? { kind: "ignored", what: channel }
      : { kind: "unknown", what: channel };
  },
  listing: {
    url: ({ rest }) => `${rest}/0/public/AssetPairs`,
    read: readAssetPairs,
    split: splitPair,
    bundled: BUNDLED,
  },
});

/** Snapshot and update are the same: whole tickers. Prices are numbers; their text is the price. */
function readTickers(tickers: unknown, frame: string): SourceEvent {
  if (!Array.isArray(tickers)) return bad("wrong_type", frame);
  const batch: Batch = { ticks: [], rejected: [] };
  for (const ticker of tickers) {
    if (!isRecord(ticker) || typeof ticker.symbol !== "string") {
      batch.rejected.push({ reason: "wrong_type", detail: "element without a symbol" });
      continue;
    }
    const { symbol, last, change_pct: change, volume, timestamp } = ticker;
    const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
    const change24h = typeof change === "string" ? Number.parseFloat(change) : Number.NaN;
    const tick = {
      symbol,
      ...(Number.isFinite(change24h) ? { change24h } : {}),
      ...(typeof volume === "string" ? { baseVolume24h: volume } : {}),
      ...(Number.isFinite(time) ? { time } : {}),
    };
    addTick(batch, tick, last);
  }
  return { kind: "ticks", ...batch };
}

/** `{"method":"subscribe","success":false,"error":"Currency pair not supported X/USD","symbol":"X/USD"}` */
function readAnswer(answer: Record<string, unknown>, frame: string): SourceEvent {
  const { method, success, symbol, error = answer.Error } = answer;
  if (method === "pong") return { kind: "heartbeat" };
  // Not documented, but seen: no refusal of the pair.
  if (success === true || error === "Already subscribed") return { kind: "ack" };
  if (typeof error === "string") {
    // Kraken publishes neither the rate nor how long to wait.
    const symbols = typeof symbol === "string" && error !== "Exceeded msg rate" ? [symbol] : [];
    const message = excerpt(error);
    return { kind: "error", message, fatal: false, ...(symbols.length > 0 ? { symbols } : {}) };
  }
  return typeof method === "string" ? { kind: "unknown", what: method } : bad("wrong_type", frame);
}

function splitPair(symbol: string): Instrument | undefined {
  const [base, quote, more] = symbol.split("/");
  return base && quote && more === undefined ? { symbol, base, quote } : undefined;
}

/** Rows have their pair in the spelling of v1: `{"wsname":"XBT/USD","status":"online"}`. */
function readAssetPairs(body: unknown): Listed {
  const rows = isRecord(body) ? body.result : undefined;
  if (!isRecord(rows)) throw new Error("Kraken's AssetPairs holds no object named result");
  const instruments: Instrument[] = [];
  for (const row of Object.values(rows)) {
    if (!isRecord(row) || row.status !== "online" || typeof row.wsname !== "string") continue;
    const codes = row.wsname.split("/").map((code) => RENAMED.get(code) ?? code);
    const instrument = splitPair(codes.join("/"));
    if (instrument) instruments.push(instrument);
  }
  return { instruments };
}
