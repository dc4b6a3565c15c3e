import type { Facts, UpdateMessage } from "@cryptovault/price-stream/protocol/v1";
import type { Entry } from "../book/book.ts";
import type { Row } from "./subscription.ts";

/**
 * The rows of an update, all of listed assets in the order of their numbers, side by side.
 * @param now market-clock time of the message, ms
 */
export function columns(
  rows: readonly Row[],
  now: number,
): Pick<UpdateMessage, "assets" | "prices" | "change24h" | "ages" | "facts"> {
  const entries = rows.map(({ entry }) => entry);
  const news = rows.filter(({ entry, from }) => entry.factsSeq > from).map(({ entry }) => entry);
  return {
    assets: gaps(rows),
    prices: entries.map(({ price }) => price),
    ...(rows.some(({ entry, from }) => entry.changeSeq > from)
      ? { change24h: entries.map(({ change24h }) => change24h ?? null) }
      : {}),
    ...(entries.some(({ exchangeTime }) => exchangeTime !== undefined)
      ? {
          ages: entries.map(({ exchangeTime }) =>
            exchangeTime === undefined ? null : now - exchangeTime,
          ),
        }
      : {}),
    ...(news.length > 0 ? { facts: factsOf(news, now) } : {}),
  };
}

function factsOf(entries: readonly Entry[], now: number): Facts[] {
  const alike = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { source, quote, derived, thin, stale } = entry;
    const key = `${source} ${quote} ${derived?.quote} ${thin} ${stale}`;
    const others = alike.get(key);
    if (others) others.push(entry);
    else alike.set(key, [entry]);
  }
  return [...alike.values()].flatMap((entries) => {
    const [first] = entries;
    if (!first) return [];
    return {
      assets: gaps(entries.map((entry) => ({ entry }))),
      names: entries.map(({ asset }) => asset),
      source: first.source,
      quote: first.quote,
      ...(first.derived ? { derivedFrom: first.derived.quote } : {}),
      ...(first.thin ? { thin: true } : {}),
      ...(first.stale ? { stale: entries.map(({ receivedAt }) => now - receivedAt) } : {}),
    };
  });
}

/** Ascending numbers of assets, each as the distance to the one before. */
export function gaps(rows: readonly { entry: Entry }[]): number[] {
  let last = 0;
  return rows.map(({ entry: { ref } }) => {
    const gap = ref - last;
    last = ref;
    return gap;
  });
}
