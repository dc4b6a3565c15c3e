import { formatPrice } from "../format.ts";

/** Decimals of a price by its magnitude, as `formatPrice` shows them. */
export function decimalsOf(price: number): number {
  if (price >= 100) return 2;
  if (price >= 1) return 4;
  return Math.min(MOST_DECIMALS, 3 - Math.floor(Math.log10(price)));
}

/** A price of the chart for people, the same as its decimal string would be shown. */
export const formatNumber = (price: number): string =>
  formatPrice(price.toFixed(decimalsOf(price) + SPARE_DECIMALS));

/** Enough to even out what a float cannot hold exactly, before the rest is cut off. */
const SPARE_DECIMALS = 4;
/** What `toFixed` can do. */
const MOST_DECIMALS = 100 - SPARE_DECIMALS;
