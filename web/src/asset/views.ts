import type { AssetPriceResponse, AssetView } from "@cryptovault/price-stream/protocol";

/** What a source's word counts for at the moment, and what that means. */
export type Standing = {
  readonly word: "speaking" | "ready" | "stale" | "held back" | "unmatched";
  readonly meaning: string;
};

/** What hinders a source comes first. */
export function standingOf({
  speaking,
  stale,
  matched,
  held,
  quote,
  derived,
}: AssetView): Standing {
  if (!matched) {
    return { word: "unmatched", meaning: "Too far off: its symbol may mean another coin there" };
  }
  if (held !== null) {
    const amount = `${held} ${derived?.quote ?? quote}`;
    return { word: "held back", meaning: `Its newest price, ${amount}, waits to be confirmed` };
  }
  if (stale) return { word: "stale", meaning: "Nothing new has come from it for too long" };
  if (speaking) return { word: "speaking", meaning: "The price shown is made from this one" };
  return { word: "ready", meaning: "Fresh, and would take over" };
}

/** How far a source's price is from the published one, percent; null where their currencies differ. */
export function differenceOf(
  { price, quote }: Pick<AssetView, "price" | "quote">,
  published: Pick<AssetPriceResponse, "price" | "quote">,
): number | null {
  if (published.price === null || quote !== published.quote) return null;
  return (Number(price) / Number(published.price) - 1) * 100;
}

export type Spread = {
  /** From the lowest to the highest, percent of the published price. */
  readonly percent: number;
  /** How many sources it is of. */
  readonly of: number;
};

/** How far sources are apart: as the gateway's median tells it, else of those that are fresh and to be believed. */
export function spreadOf(asset: AssetPriceResponse): Spread | null {
  if (asset.spread !== null) return { percent: asset.spread, of: asset.constituents.length };
  const apart = asset.sources
    .filter(({ stale, matched, held }) => !stale && matched && held === null)
    .map((view) => differenceOf(view, asset))
    .filter((difference) => difference !== null);
  if (apart.length < 2) return null;
  return { percent: Math.max(...apart) - Math.min(...apart), of: apart.length };
}

/**
 * How long a price was on its way by the exchange's own time, ms; null where it tells none. Their clocks
 * differ from the gateway's, so it may be less than nothing.
 */
export const lagOf = ({ exchangeTime, receivedAt }: AssetView): number | null =>
  exchangeTime === null ? null : Date.parse(receivedAt) - Date.parse(exchangeTime);

/** `137 ms`, `1.4 s`, `−20 ms` */
export function formatLag(ms: number): string {
  const sign = ms < 0 ? "−" : "";
  const size = Math.abs(ms);
  return sign + (size < 1000 ? `${Math.round(size)} ms` : `${(size / 1000).toFixed(1)} s`);
}

/** `+0.031 %`: one decimal more than a change, for exchanges are close to one another. */
export function formatDifference(percent: number): string {
  const text = Math.abs(percent).toFixed(3);
  const sign = Number(text) === 0 ? "" : percent > 0 ? "+" : "−";
  return `${sign}${text} %`;
}

/** `0.031 %` */
export const formatSpread = (percent: number): string => `${percent.toFixed(3)} %`;
