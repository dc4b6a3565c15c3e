import { count, list } from "../words.ts";

/** Whether it is one: a number above zero. */
const isPrice = (text: string): boolean => Number.isFinite(Number(text)) && Number(text) > 0;

/** Those that are no prices, in words; undefined where all are. */
export function noPrices(prices: readonly (readonly [asset: string, price: string])[]) {
  const none = prices.filter(([, price]) => !isPrice(price));
  const named = none.map(([asset, price]) => `${asset} ${JSON.stringify(price.slice(0, 20))}`);
  return none.length === 0
    ? undefined
    : `${none.length} of ${count(prices.length, "price")} are none: ${list(named, 3)}`;
}

export const MEND_VALUES =
  "Update the gateway, or look at what changes its messages on the way: a price is a decimal string above zero, and clients take no other.";
