import type { Stated } from "../../types.ts";
import type { Slot } from "./market.ts";
import type { SourceView } from "./views.ts";

/** What a ticker said of trading in 24 h is believed for so long, ms: a day's sum changes slowly. */
const FRESH_MS = 15 * 60_000;

/** Traded in 24 h by the ticker of one price, in USD as near as its rate is known. A statistic. */
export function volumeUsd({ baseVolume24h, quoteVolume24h, value, rate }: Slot) {
  const usd =
    quoteVolume24h === undefined
      ? Number(baseVolume24h) * value
      : Number(quoteVolume24h) * (rate?.value ?? 1);
  return Number.isFinite(usd) && usd >= 0 ? usd : undefined;
}

/**
 * Traded in 24 h at all the sources of `views` together, in USD. A source whose price is another
 * coin's is left out. Undefined where none tells it.
 * @param now ms of the market clock
 */
export function volumeOf(views: readonly SourceView[], now: number): Stated | undefined {
  let value = 0;
  const sources: string[] = [];
  for (const { source, matched, receivedAt, volume24hUsd } of views) {
    if (!matched || volume24hUsd === undefined || now - receivedAt > FRESH_MS) continue;
    value += volume24hUsd;
    sources.push(source);
  }
  return sources.length > 0 ? { value, sources } : undefined;
}
