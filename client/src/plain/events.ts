import { labelOf, type StreamEvent } from "../events.ts";
import type { Price } from "../mirror.ts";
import { V1 } from "../protocol/v1.ts";
import type { ServerMessage } from "../protocol.ts";
import { expired } from "../store.ts";
import type { Wish } from "../transport.ts";

/** The contract has no heartbeat but `status` each 10 s, ms. */
const SILENCE_MS = 15_000;

/**
 * Translates the messages of one connection of the plain contract.
 * @param wish the contract knows symbols only in the path
 * @param shown all prices so far
 */
export function createPlainReader(wish: () => Wish, shown: () => ReadonlyMap<string, Price>) {
  let continuous = false;
  /** False on a stream that sends a price only when it changes. */
  let steady = true;

  /** @param others what becomes of the prices that the message leaves out */
  const told = (
    prices: Price[],
    others: (price: Price) => Price,
    ageMs: () => number | undefined,
    source: string,
  ) => {
    const all = new Map(Array.from(shown(), ([asset, price]) => [asset, others(price)]));
    for (const price of prices) all.set(price.asset, price);
    const news = { prices: all, continuous, ageMs };
    continuous = true;
    return {
      news,
      due: steady ? ("anew" as const) : ("never" as const),
      // Gateways older than the field leave it out.
      source: source || undefined,
    };
  };

  return (message: ServerMessage): StreamEvent => {
    const label = labelOf(message);
    switch (message.type) {
      case "connection":
        return {
          label,
          silenceMs: SILENCE_MS,
          better: message.protocols?.includes(V1) ? "v1" : undefined,
        };
      case "price_update": {
        const wanted = wish();
        const stale = new Set(message.stale);
        const thin = new Set(message.thin);
        const quotes = byAsset(message.quoted);
        const derived = byAsset(message.derived);
        const rows = Object.entries(message.prices);
        const wished = rows.filter(([asset]) => wanted.has("*") || wanted.has(asset));
        const prices = wished.map(([asset, price]) => ({
          ...UNTOLD,
          asset,
          price,
          quote: quotes.get(asset) ?? "USD",
          derivedFrom: derived.get(asset) ?? null,
          thin: thin.has(asset),
          stale: stale.has(asset),
        }));
        steady = true;
        return { label, ...told(prices, expired, () => undefined, message.source) };
      }
      case "price": {
        const { symbol: asset, price, quote, derived, thin = false, stale, source } = message;
        const derivedFrom = derived?.quote ?? null;
        const row = { ...UNTOLD, asset, price, quote, derivedFrom, thin, stale, source };
        const ageMs = ageBetween(message.last_update, message.timestamp);
        steady = false;
        return {
          label,
          ...told(
            [row],
            (price) => price,
            () => ageMs,
            source,
          ),
        };
      }
      case "keep_alive":
        steady = false;
        return { label, due: "never" };
      case "status": {
        const { state, source, last_update, timestamp } = message;
        const newestAgeMs = last_update === null ? undefined : ageBetween(last_update, timestamp);
        const about = { label, newestAgeMs, source };
        if (state === "connected") return { ...about, due: steady ? "still" : "never" };
        return { ...about, idle: reasons[state], due: "never" };
      }
      case "error":
        return { label, complaint: `${message.message} ${message.hint}` };
      case "pong":
        return { label, isAnswer: true };
    }
  };
}

/** What the contract does not tell. */
const UNTOLD = {
  source: "",
  change24h: null,
  exchangeTime: null,
  staleSince: null,
} as const;

const reasons = {
  stale: "No exchange brings the server a fresh price.",
  connecting: "The server is waiting for its first price.",
};

/** Asset → currency, of lists by currency. */
const byAsset = (lists: Record<string, string[]> = {}): Map<string, string> =>
  new Map(Object.entries(lists).flatMap(([quote, ids]) => ids.map((id) => [id, quote] as const)));

/** Both times are of one message, hence of one clock. */
function ageBetween(earlier: string, later: string): number | undefined {
  const ms = Date.parse(later) - Date.parse(earlier);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
