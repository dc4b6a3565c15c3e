/** What the sources read their frames and lists with. */
import type { Instrument, Rejection, RejectReason, SourceEvent, Tick } from "../types.ts";
import type { Listed } from "./source.ts";

/** A plain positive decimal: no sign, no exponent, at least one digit not zero. */
const PLAIN_DECIMAL = /^(?=0*\.?0*[1-9])\d{1,15}(?:\.\d+)?$/;
const LONGEST_DECIMAL = 40;

/** Whether `price` can be a price: a plain decimal above zero and below 10^15. */
export const isPrice = (price: unknown): price is string =>
  typeof price === "string" && price.length <= LONGEST_DECIMAL && PLAIN_DECIMAL.test(price);

/** Adds a tick to `batch` if its price can be one, else the reason why not. */
export function addTick(batch: Batch, tick: Omit<Tick, "price">, price: unknown): void {
  if (isPrice(price)) batch.ticks.push({ ...tick, price });
  else {
    const detail = `${excerpt(tick.symbol)}: ${excerpt(price)}`;
    batch.rejected.push({ reason: "bad_price", detail });
  }
}

/** What one frame yields, gathered so that one bad price does not cost the good ones beside it. */
export type Batch = { ticks: Tick[]; rejected: Rejection[] };

/** A frame that is not in the exchange's format. */
export const bad = (reason: RejectReason, frame: unknown): SourceEvent => ({
  kind: "bad",
  rejection: { reason, detail: excerpt(frame) },
});

/** JSON, or undefined where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A finite number, written as one or as text. */
export function finite(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** As `finite`, above zero: APIs write 0 for a capitalisation or a rank that they don't know. */
export function positive(value: unknown): number | undefined {
  const number = finite(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** A plain JSON object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `items` in slices of at most `size`, where an exchange limits what one message may name. */
export const slices = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );

/**
 * The instruments that `isTraded`, by the exchange's own names of their fields.
 * @throws Error if `rows` is not an array
 */
export function readInstruments(
  rows: unknown,
  names: Instrument,
  isTraded: (row: Record<string, unknown>) => boolean,
): Listed {
  if (!Array.isArray(rows)) throw new Error("the instrument list is not an array");
  const instruments: Instrument[] = [];
  for (const row of rows) {
    if (!isRecord(row) || !isTraded(row)) continue;
    const [symbol, base, quote] = [row[names.symbol], row[names.base], row[names.quote]];
    if (typeof symbol === "string" && typeof base === "string" && typeof quote === "string") {
      instruments.push({ symbol, base, quote });
    }
  }
  return { instruments };
}

/** The start of any value, short enough for a log line. Looks into no object, so that none can harm. */
export function excerpt(value: unknown): string {
  const isObject = typeof value === "object" && value !== null;
  const text = isObject ? `an ${Array.isArray(value) ? "array" : "object"}` : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** `BTC-USDT`; undefined where there are more dashes than one, or none. */
export function splitDashed(symbol: string): Instrument | undefined {
  const [base, quote, more] = symbol.split("-");
  return base && quote && more === undefined ? { symbol, base, quote } : undefined;
}
