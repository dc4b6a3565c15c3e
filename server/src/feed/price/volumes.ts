import type { Stated } from "../../types.ts";
import type { SourceView } from "./views.ts";

/** What a ticker said of trading in 24 h is believed for so long, ms: a day's sum changes slowly. */
const FRESH_MS = 15 * 60_000;

/**
 * Traded in 24 h at all the sources of `views` together, in USD. A source whose price is another
 * coin's is left out, and of one market's several doors all but the first. Undefined where none tells it.
 * @param marketOf the market that a source is a door to
 * @param now ms of the market clock
 */
export function volumeOf(
  views: readonly SourceView[],
  marketOf: (source: string) => string,
  now: number,
): Stated | undefined {
  let value = 0;
  const sources: string[] = [];
  const counted = new Set<string>();
  for (const { source, matched, receivedAt, volume24hUsd } of views) {
    if (!matched || volume24hUsd === undefined || now - receivedAt > FRESH_MS) continue;
    if (counted.has(marketOf(source))) continue;
    counted.add(marketOf(source));
    value += volume24hUsd;
    sources.push(source);
  }
  return sources.length > 0 ? { value, sources } : undefined;
}
