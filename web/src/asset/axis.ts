import { formatPrice } from "@cryptovault/price-stream/format";

/** Decimals of a price by its magnitude, as `formatPrice` shows them. */
export function decimalsOf(price: number): number {
  if (price >= 100) return 2;
  if (price >= 1) return 4;
  return 3 - magnitudeOf(price);
}

/** A price of the chart for people, the same as its decimal string would be shown. */
export const formatNumber = (price: number): string =>
  formatPrice(
    price.toFixed(Math.min(MOST_DECIMALS, Math.max(0, FLOAT_DIGITS - 1 - magnitudeOf(price)))),
  );

const magnitudeOf = (price: number): number => Math.floor(Math.log10(price));

/** So many significant digits survive in a float; what comes after them is its error. */
const FLOAT_DIGITS = 15;
/** What `toFixed` can do. */
const MOST_DECIMALS = 100;
