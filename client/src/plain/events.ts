import { labelOf, type Price, type StreamEvent } from "../events.ts";
import { EMPTY } from "../mirror.ts";
import type { PriceMessage, PriceUpdateMessage, ServerMessage } from "../protocol.ts";
import type { Wish } from "../transport.ts";

/** The contract has no heartbeat but `status` each 10 s, ms. */
const SILENCE_MS = 15_000;

/**
 * Translates a message of the plain contract. Pure.
 * @param wanted ids; the contract knows symbols only in the path
 */
export function toEvent(message: ServerMessage, wanted: Wish["assets"] = "*"): StreamEvent {
  const label = labelOf(message);
  switch (message.type) {
    case "connection":
      return { kind: "hello", label, silenceMs: SILENCE_MS };
    case "price_update": {
      const stale = new Set(message.stale);
      const thin = new Set(message.thin);
      const quotes = byAsset(message.quoted);
      const derived = byAsset(message.derived);
      const all = Object.entries(message.prices);
      const wished = all.filter(([asset]) => wanted === "*" || wanted.has(asset));
      const rows = wished.map(([asset, price]) => ({
        ...EMPTY,
        asset,
        price,
        quote: quotes.get(asset) ?? "USD",
        derivedFrom: derived.get(asset) ?? null,
        thin: thin.has(asset),
        stale: stale.has(asset),
      }));
      return { ...pricesOf(rows, message), label, absent: "stale", steady: true };
    }
    case "price": {
      const { symbol: asset, price, quote, derived, thin = false, stale, source } = message;
      const derivedFrom = derived?.quote ?? null;
      const row = { ...EMPTY, asset, price, quote, derivedFrom, thin, stale, source };
      const ageMs = ageBetween(message.last_update, message.timestamp);
      return { ...pricesOf([row], message), ageMs, label, absent: "same", steady: false };
    }
    case "keep_alive":
      return { kind: "unchanged", label };
    case "status": {
      const { state, source, last_update, timestamp } = message;
      const ageMs = last_update === null ? undefined : ageBetween(last_update, timestamp);
      return { kind: "server", label, state, source, ageMs };
    }
    case "error":
      return { kind: "complaint", label, text: `${message.message} ${message.hint}` };
    case "pong":
      return { kind: "answer", label };
  }
}

/** Asset → currency, of lists by currency. */
const byAsset = (lists: Record<string, string[]> = {}): Map<string, string> =>
  new Map(Object.entries(lists).flatMap(([quote, ids]) => ids.map((id) => [id, quote] as const)));

const pricesOf = (rows: Price[], { source, timestamp }: PriceUpdateMessage | PriceMessage) => ({
  kind: "prices" as const,
  rows,
  at: Date.parse(timestamp),
  // Gateways older than the field leave it out.
  source: source || null,
  fresh: rows.some(({ stale }) => !stale),
});

/** Both times are of one message, hence of one clock. */
function ageBetween(earlier: string, later: string): number | undefined {
  const ms = Date.parse(later) - Date.parse(earlier);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
