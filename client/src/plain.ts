import type { DataLabel, ServerMessage, StreamState } from "./protocol.ts";

/** What the prices are: the live market, the emulator's, or a recording's. */
export type DataKind = "none" | "demo" | "replay";

/** One price as a message told it. */
export type PriceNews = {
  asset: string;
  price: string;
  quote: string;
  /** The currency it was converted from; null where it came in `quote`. */
  derivedFrom: string | null;
  /** Fewer exchanges agree on it than the gateway's operator asked for. */
  thin: boolean;
  stale: boolean;
  /** Age of the price when the message was sent, ms; undefined where the message doesn't tell. */
  ageMs: number | undefined;
};

/** What a message means, whatever contract it came by. */
export type StreamEvent = { label: DataKind } & (
  | { kind: "hello" }
  /** `complete`: every asset with a price is among them. `source` speaks for most of them. */
  | { kind: "prices"; news: PriceNews[]; complete: boolean; source: string }
  /** Nothing has changed since the last prices. */
  | { kind: "unchanged" }
  /** How the server itself is doing. `ageMs`: of its newest price when the message was sent. */
  | { kind: "server"; state: StreamState; source: string | null; ageMs: number | undefined }
  | { kind: "complaint"; text: string }
  | { kind: "answer" }
);

/** Translates a message of the plain contract. Pure. */
export function toEvent(message: ServerMessage): StreamEvent {
  const label = labelOf(message);
  switch (message.type) {
    case "connection":
      return { kind: "hello", label };
    case "price_update": {
      const stale = new Set(message.stale);
      const thin = new Set(message.thin);
      const quotes = byAsset(message.quoted);
      const derived = byAsset(message.derived);
      const news = Object.entries(message.prices).map(([asset, price]) => ({
        asset,
        price,
        quote: quotes.get(asset) ?? "USD",
        derivedFrom: derived.get(asset) ?? null,
        thin: thin.has(asset),
        stale: stale.has(asset),
        ageMs: undefined,
      }));
      return { kind: "prices", label, news, complete: true, source: message.source };
    }
    case "price": {
      const { symbol: asset, price, quote, derived, thin = false, stale, source } = message;
      const derivedFrom = derived?.quote ?? null;
      const ageMs = ageBetween(message.last_update, message.timestamp);
      return {
        kind: "prices",
        label,
        news: [{ asset, price, quote, derivedFrom, thin, stale, ageMs }],
        complete: false,
        source,
      };
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

const labelOf = ({ demo, replay }: DataLabel): DataKind =>
  demo ? "demo" : replay ? "replay" : "none";

/** Both times are of one message, hence of one clock. */
function ageBetween(earlier: string, later: string): number | undefined {
  const ms = Date.parse(later) - Date.parse(earlier);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
