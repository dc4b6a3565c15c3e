/**
 * Coinbase Exchange, `ticker` with `heartbeat`:
 * https://docs.cdp.coinbase.com/exchange/websocket-feed/channels
 */
import type { SourceEvent } from "../types.ts";
import bundledProducts from "./coinbase-products.json" with { type: "json" };
import {
  addTick,
  type Batch,
  bad,
  isPrice,
  isRecord,
  parseJson,
  readInstruments,
  splitDashed,
} from "./reading.ts";
import { defineSource } from "./source.ts";
import {
  frameSpelled,
  INTEGER,
  MOMENT,
  SKIPPED,
  SKIPPED_INTEGER,
  TEXT,
  utcMs,
} from "./spelling.ts";

/** Documented types that carry no ticker. */
const OTHER_TYPES = new Set(
  "match last_match received open done change activate status snapshot l2update auction rfq_match".split(
    " ",
  ),
);

/** One product's heartbeat tells that the link lives; each product would send its own. */
const HEARTBEAT_PRODUCT = "BTC-USD";

const TICKER = frameSpelled`{"type":"ticker","sequence":${INTEGER},"product_id":${TEXT},"price":${TEXT},"open_24h":${TEXT},"volume_24h":${TEXT},"low_24h":${SKIPPED},"high_24h":${SKIPPED},"volume_30d":${SKIPPED},"best_bid":${SKIPPED},"best_bid_size":${SKIPPED},"best_ask":${SKIPPED},"best_ask_size":${SKIPPED},"side":${SKIPPED},"time":${MOMENT},"trade_id":${SKIPPED_INTEGER},"last_size":${SKIPPED}}`;

export const coinbase = defineSource({
  name: "coinbase",
  facts: {
    endpoint: {
      ws: "wss://ws-feed.exchange.coinbase.com",
      rest: "https://api.exchange.coinbase.com",
    },
    hosts: ["ws-feed.exchange.coinbase.com", "ws-feed.pro.coinbase.com", "ws-feed.gdax.com"],
    naming: "symbol",
    silenceMs: 30_000,
    // https://docs.cdp.coinbase.com/exchange/websocket-feed/rate-limits
    limits: { connects: { count: 8, perMs: 1000 }, messages: { count: 100, perMs: 1000 } },
  },
  connect: ({ endpoint, symbols }) => ({
    url: endpoint.ws,
    send: [
      JSON.stringify({
        type: "subscribe",
        channels: [
          { name: "heartbeat", product_ids: [HEARTBEAT_PRODUCT] },
          { name: "ticker", product_ids: symbols },
        ],
      }),
    ],
  }),
  read(frame) {
    const ticker = readAsDocumented(frame);
    if (ticker) return ticker;
    const message = parseJson(frame);
    if (message === undefined) return bad("not_json", frame);
    if (!isRecord(message) || typeof message.type !== "string") return bad("wrong_type", frame);
    const { type } = message;
    if (type === "ticker") return readTicker(message as RawTicker, frame);
    if (type === "subscriptions") return { kind: "ack" };
    if (type === "heartbeat") return { kind: "heartbeat" };
    if (type === "error") return readError(message);
    return OTHER_TYPES.has(type)
      ? { kind: "ignored", what: type }
      : { kind: "unknown", what: type };
  },
  listing: {
    url: ({ rest }) => `${rest}/products`,
    read: (body) =>
      readInstruments(
        body,
        { symbol: "id", base: "base_currency", quote: "quote_currency" },
        ({ status, trading_disabled }) => status === "online" && trading_disabled !== true,
      ),
    split: splitDashed,
    bundled: bundledProducts,
  },
});

/** A ticker with nothing unusual in it; undefined for any other frame. */
function readAsDocumented(frame: string): SourceEvent | undefined {
  const ticker = TICKER.exec(frame);
  if (!ticker) return undefined;
  const [, sequence, symbol = "", price, open24h = "", baseVolume24h = "", written = ""] = ticker;
  const time = utcMs(written);
  if (Number.isNaN(time) || !isPrice(price)) return undefined;
  const tick = { symbol, price, open24h, baseVolume24h, sequence: Number(sequence), time };
  return { kind: "ticks", ticks: [tick], rejected: [] };
}

function readTicker(ticker: RawTicker, frame: string): SourceEvent {
  const { product_id: symbol, price, open_24h: open24h, volume_24h: volume, sequence } = ticker;
  if (typeof symbol !== "string") return bad("wrong_type", frame);
  const time = typeof ticker.time === "string" ? Date.parse(ticker.time) : Number.NaN;
  const batch: Batch = { ticks: [], rejected: [] };
  const tick = {
    symbol,
    ...(typeof open24h === "string" ? { open24h } : {}),
    ...(typeof volume === "string" ? { baseVolume24h: volume } : {}),
    ...(typeof sequence === "number" ? { sequence } : {}),
    ...(Number.isFinite(time) ? { time } : {}),
  };
  addTick(batch, tick, price);
  return { kind: "ticks", ...batch };
}

/** `{"type":"error","message":"Failed to subscribe","reason":"ETH-USD is not a valid product"}` */
function readError({ message, reason }: Record<string, unknown>): SourceEvent {
  const text = [message, reason].filter((part) => typeof part === "string").join(": ");
  const product = /(\S+) is (?:not a valid product|delisted)/.exec(text)?.[1];
  return { kind: "error", message: text, fatal: false, ...(product ? { symbols: [product] } : {}) };
}

type RawTicker = {
  product_id?: unknown;
  price?: unknown;
  open_24h?: unknown;
  volume_24h?: unknown;
  sequence?: unknown;
  time?: unknown;
};
