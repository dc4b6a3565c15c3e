/** Decimals of a price by its magnitude, as `formatPrice` cuts them. */
export function decimalsOf(price: number): number {
  if (price >= 100) return 2;
  if (price >= 1) return 4;
  return Math.min(100, 3 - Math.floor(Math.log10(price)));
}

/** A number of the chart for people: grouped, never with an exponent. */
export const formatNumber = (price: number, decimals = decimalsOf(price)): string =>
  price.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
