import type { PlainSeen } from "../seen.ts";
import { count, list } from "../words.ts";

/** Those that are no prices, in words; undefined where all are, in all updates. */
export function noPrices({ none, noneUpdates, assets, prices: { updates } }: PlainSeen) {
  if (none.size === 0) return undefined;
  const named = [...none].map(([asset, price]) => `${asset} ${JSON.stringify(price.slice(0, 20))}`);
  const when = noneUpdates === updates ? "" : `, in ${noneUpdates} of ${count(updates, "update")}`;
  return `${none.size} of ${count(assets.size, "price")} are none${when}: ${list(named, 3)}`;
}

export const MEND_VALUES =
  "Update the gateway, or look at what changes its messages on the way: a price is a decimal string above zero, and clients take no other.";
