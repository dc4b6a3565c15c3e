/**
 * Coinbase Advanced Trade, `ticker` with `heartbeats`:
 * https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
 * Rests on the documentation; no frame of it is kept.
 */
import type { SourceEvent } from "../types.ts";
import { coinbase } from "./coinbase.ts";
import { addTick, type Batch, bad, excerpt, isRecord, parseJson } from "./reading.ts";
import { defineSource } from "./source.ts";

const TICKER_CHANNELS = new Set(["ticker", "ticker_batch"]);

/** Documented channels that carry no ticker; `level2` comes as `l2_data`. */
const OTHER_CHANNELS = new Set(
  "l2_data market_trades candles status user futures_balance_summary".split(" "),
);

export const coinbaseAdvanced = defineSource({
  name: "coinbase-advanced",
  facts: {
    // The list of products is Coinbase Exchange's: the same books, and it needs no key.
    endpoint: {
      ws: "wss://advanced-trade-ws.coinbase.com",
      rest: coinbase.facts.endpoint.rest,
    },
    hosts: ["advanced-trade-ws.coinbase.com"],
    naming: "symbol",
    marketOf: coinbase.name,
    silenceMs: 30_000,
    // https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-rate-limits
    limits: {
      connects: { count: 8, perMs: 1000 },
      messages: { count: 8, perMs: 1000 },
    },
  },
  connect: ({ endpoint, symbols }) => ({
    url: endpoint.ws,
    // One channel per frame. Without heartbeats a quiet minute ends the subscription.
    send: [
      JSON.stringify({ type: "subscribe", channel: "heartbeats" }),
      JSON.stringify({ type: "subscribe", channel: "ticker", product_ids: symbols }),
    ],
  }),
  read(frame) {
    const message = parseJson(frame);
    if (message === undefined) return bad("not_json", frame);
    if (!isRecord(message)) return bad("wrong_type", frame);
    if (message.type === "error") return readError(message);
    const { channel } = message;
    if (typeof channel !== "string") return bad("wrong_type", frame);
    if (TICKER_CHANNELS.has(channel)) return readTickers(message, frame);
    // Lists what is held. It may follow the first tickers, and may come without any of them.
    if (channel === "subscriptions") return { kind: "ack" };
    if (channel === "heartbeats") return { kind: "heartbeat" };
    return OTHER_CHANNELS.has(channel)
      ? { kind: "ignored", what: channel }
      : { kind: "unknown", what: excerpt(channel) };
  },
  listing: coinbase.listing,
});

/**
 * A ticker has no time of its own, so that it gets the envelope's. The envelope's `sequence_num`
 * counts the messages of one connection, of all products, from 0: it orders nothing within a product
 * that is not in order already, and after a reconnect it would make every price look old. A product in
 * USDC is answered as the one in USD, and is read as that: Coinbase holds them for the same.
 */
function readTickers({ timestamp, events }: Record<string, unknown>, frame: string): SourceEvent {
  if (!Array.isArray(events)) return bad("wrong_type", frame);
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  const batch: Batch = { ticks: [], rejected: [] };
  for (const ticker of events.flatMap(tickersOf)) {
    if (!isRecord(ticker) || typeof ticker.product_id !== "string") {
      batch.rejected.push({ reason: "wrong_type", detail: "ticker without a product" });
      continue;
    }
    const {
      product_id: symbol,
      price,
      price_percent_chg_24_h: change,
      volume_24_h: volume,
    } = ticker as RawTicker;
    const change24h = typeof change === "string" ? Number.parseFloat(change) : Number.NaN;
    const tick = {
      symbol,
      ...(Number.isFinite(time) ? { time } : {}),
      ...(Number.isFinite(change24h) ? { change24h } : {}),
      ...(typeof volume === "string" ? { baseVolume24h: volume } : {}),
    };
    addTick(batch, tick, price);
  }
  return { kind: "ticks", ...batch };
}

const tickersOf = (event: unknown): unknown[] =>
  isRecord(event) && Array.isArray(event.tickers) ? event.tickers : [undefined];

/** A channel that does not exist is answered like one that needs a key: `authentication failure`. */
function readError({ message }: Record<string, unknown>): SourceEvent {
  const text = excerpt(message);
  return { kind: "error", message: text, fatal: text === "authentication failure" };
}

type RawTicker = {
  product_id: string;
  price: unknown;
  price_percent_chg_24_h: unknown;
  volume_24_h: unknown;
};
