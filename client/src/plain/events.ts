import { labelOf, type News, type StreamEvent } from "../events.ts";
import { EMPTY, type Price } from "../mirror.ts";
import { V1 } from "../protocol/v1.ts";
import type { ServerMessage } from "../protocol.ts";
import type { Wish } from "../transport.ts";

/** The contract has no heartbeat but `status` each 10 s, ms. */
const SILENCE_MS = 15_000;

/**
 * Translates the messages of one connection of the plain contract. Pure.
 * @param wanted ids; the contract knows symbols only in the path
 */
export function createPlainReader(wanted: () => Wish["assets"]) {
  let continuous = false;
  /** False on a stream that sends a price only when it changes. */
  let steady = true;

  const told = (prices: Price[], about: Pick<News, "absent" | "ageMs">, source: string) => {
    const news = { prices, continuous, ...about };
    const isFresh = prices.some(({ stale }) => !stale);
    continuous = true;
    steady = about.absent === "stale";
    return {
      news,
      state: isFresh ? ("live" as const) : ("stale" as const),
      reason: isFresh ? "Fresh prices arrive." : "The server has no fresh price at the moment.",
      due: steady ? ("anew" as const) : ("never" as const),
      // Gateways older than the field leave it out.
      ...(source ? { source } : {}),
    };
  };

  return (message: ServerMessage): StreamEvent => {
    const label = labelOf(message);
    switch (message.type) {
      case "connection":
        return {
          label,
          silenceMs: SILENCE_MS,
          ...(message.protocols?.includes(V1) ? { better: "v1" } : {}),
        };
      case "price_update": {
        const ids = wanted();
        const stale = new Set(message.stale);
        const thin = new Set(message.thin);
        const quotes = byAsset(message.quoted);
        const derived = byAsset(message.derived);
        const all = Object.entries(message.prices);
        const wished = all.filter(([asset]) => ids === "*" || ids.has(asset));
        const prices = wished.map(([asset, price]) => ({
          ...EMPTY,
          asset,
          price,
          quote: quotes.get(asset) ?? "USD",
          derivedFrom: derived.get(asset) ?? null,
          thin: thin.has(asset),
          stale: stale.has(asset),
        }));
        const about = { absent: "stale", ageMs: () => undefined } as const;
        return { label, ...told(prices, about, message.source) };
      }
      case "price": {
        const { symbol: asset, price, quote, derived, thin = false, stale, source } = message;
        const derivedFrom = derived?.quote ?? null;
        const row = { ...EMPTY, asset, price, quote, derivedFrom, thin, stale, source };
        const ageMs = ageBetween(message.last_update, message.timestamp);
        return { label, ...told([row], { absent: "same", ageMs: () => ageMs }, source) };
      }
      case "keep_alive":
        steady = false;
        return { label, due: "never" };
      case "status": {
        const { state, source, last_update, timestamp } = message;
        const newestAgeMs = last_update === null ? undefined : ageBetween(last_update, timestamp);
        const about = { label, newestAgeMs, ...(source ? { source } : {}) };
        if (state === "connected") return { ...about, due: steady ? "still" : "never" };
        return { ...about, state: "stale", reason: reasons[state], due: "never" };
      }
      case "error":
        return { label, complaint: `${message.message} ${message.hint}` };
      case "pong":
        return { label };
    }
  };
}

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
