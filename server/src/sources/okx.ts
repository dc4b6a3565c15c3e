/**
 * OKX v5, `tickers`: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-tickers-channel
 * Tickers and confirmations also after captured traffic; errors, notices and the list of instruments
 * rest on the documentation and on public clients.
 */
import type { SourceEvent } from "../types.ts";
import {
  addTick,
  type Batch,
  bad,
  excerpt,
  isRecord,
  parseJson,
  readInstruments,
  splitDashed,
} from "./reading.ts";
import { defineSource } from "./source.ts";

/** Documented public channels that carry no ticker. */
const OTHER_CHANNELS = new Set(
  "trades trades-all books books5 bbo-tbt books-l2-tbt books50-l2-tbt instruments index-tickers mark-price price-limit open-interest funding-rate estimated-price status".split(
    " ",
  ),
);

/** Large assets that public clients of this feed subscribe to. What OKX lacks, it refuses by name. */
const BUNDLED =
  "BTC ETH XRP SOL BNB DOGE ADA TON AVAX DOT LTC FIL AAVE ALGO ATOM AXS CFX CHZ CRV APE BSV"
    .split(" ")
    .map((base) => `${base}-USDT`);

export const okx = defineSource({
  name: "okx",
  facts: {
    endpoint: { ws: "wss://ws.okx.com", rest: "https://www.okx.com" },
    hosts: ["ws.okx.com", "wsaws.okx.com", "wseea.okx.com", "wsus.okx.com"],
    naming: "symbol",
    silenceMs: 10_000,
    // https://www.okx.com/docs-v5/en/#overview-websocket-connect
    limits: {
      connects: { count: 3, perMs: 1_000 },
      messages: { count: 480, perMs: 3_600_000 },
      // The args of a subscription may have 64 KB in all; none of ours has more than 64 bytes.
      symbolsPerConnection: 1_000,
    },
    regionHint: "OKX serves the EEA from wseea.okx.com and the US from wsus.okx.com",
  },
  connect: ({ endpoint, symbols }) => ({
    url: `${endpoint.ws}/ws/v5/public`,
    send: [
      JSON.stringify({
        op: "subscribe",
        args: symbols.map((instId) => ({ channel: "tickers", instId })),
      }),
    ],
    // Where nothing comes for 30 s, OKX hangs up.
    keepAlive: { everyMs: 20_000, frame: "ping" },
  }),
  read(frame) {
    if (frame === "pong") return { kind: "heartbeat" };
    const message = parseJson(frame);
    if (message === undefined) return bad("not_json", frame);
    if (!isRecord(message)) return bad("wrong_type", frame);
    const { event, arg, data, table } = message;
    if (typeof event === "string") return readEvent(event, message);
    if (typeof table === "string") return { kind: "ignored", what: "v3" };
    const channel = isRecord(arg) ? arg.channel : undefined;
    if (channel === "tickers") return readTickers(data, frame);
    if (typeof channel !== "string") return bad("wrong_type", frame);
    return OTHER_CHANNELS.has(channel)
      ? { kind: "ignored", what: channel }
      : { kind: "unknown", what: channel };
  },
  listing: {
    url: ({ rest }) => `${rest}/api/v5/public/instruments?instType=SPOT`,
    read: (body) =>
      readInstruments(
        isRecord(body) ? body.data : undefined,
        { symbol: "instId", base: "baseCcy", quote: "quoteCcy" },
        ({ state }) => state === "live",
      ),
    split: splitDashed,
    bundled: BUNDLED,
  },
});

function readEvent(event: string, { code, msg }: Record<string, unknown>): SourceEvent {
  if (event === "subscribe" || event === "unsubscribe") return { kind: "ack" };
  if (event === "notice" && code === "64008") return { kind: "reconnect", reason: excerpt(msg) };
  if (event === "notice" || event === "channel-conn-count") return { kind: "ignored", what: event };
  if (!event.endsWith("error")) return { kind: "unknown", what: event };
  // 60018: "… wrong URL or channel:tickers,instId:NOPE-USDT doesn't exist. …"
  const noSuch = code === "60018" && typeof msg === "string" ? msg : "";
  const symbol = /instId:\s*([\w-]+)/.exec(noSuch)?.[1];
  const message = `${excerpt(code)} ${excerpt(msg)}`;
  return { kind: "error", message, fatal: false, ...(symbol ? { symbols: [symbol] } : {}) };
}

/** Of futures and swaps `vol24h` counts contracts, so that only spot tells its volumes. */
function readTickers(tickers: unknown, frame: string): SourceEvent {
  if (!Array.isArray(tickers)) return bad("wrong_type", frame);
  const batch: Batch = { ticks: [], rejected: [] };
  for (const ticker of tickers) {
    if (!isRecord(ticker) || typeof ticker.instId !== "string") {
      batch.rejected.push({ reason: "wrong_type", detail: "element without an instId" });
      continue;
    }
    const { instType, instId: symbol, last, open24h, vol24h, volCcy24h, ts } = ticker;
    const spot = instType === "SPOT";
    const time = typeof ts === "string" && ts !== "" ? Number(ts) : Number.NaN;
    const tick = {
      symbol,
      ...(typeof open24h === "string" ? { open24h } : {}),
      ...(spot && typeof vol24h === "string" ? { baseVolume24h: vol24h } : {}),
      ...(spot && typeof volCcy24h === "string" ? { quoteVolume24h: volCcy24h } : {}),
      ...(Number.isFinite(time) ? { time } : {}),
    };
    addTick(batch, tick, last);
  }
  return { kind: "ticks", ...batch };
}

/** `BTC-USDT`. Futures, swaps and options have more parts, and are nobody's price here. */
