import Big from "big.js";

/** A converted price is never rounded to fewer significant digits, however short its input was. */
const LEAST_DIGITS = 6;

/**
 * `price` times `rate`, exactly, rounded half to even to as many significant digits as `price` is
 * written with: a conversion adds no precision. Trailing zeros are left out. Both are plain decimals
 * above zero, so is the result.
 */
export function convert(price: string, rate: Big): string {
  const digits = Math.max(LEAST_DIGITS, significantDigits(price));
  return rate.times(withoutPadding(price)).prec(digits, Big.roundHalfEven).toFixed();
}

/** The number halfway between two decimals, exactly. */
export const midpoint = (a: string, b: string): string => new Big(a).plus(b).times("0.5").toFixed();

/** A decimal as the factor that every price of its time is multiplied by: parsed once. */
export const factor = (decimal: string): Big => new Big(decimal);

/** Binance pads to eight decimals, and each zero costs a round of the multiplication. */
function withoutPadding(decimal: string): string {
  if (!decimal.includes(".")) return decimal;
  let end = decimal.length;
  while (decimal.charCodeAt(end - 1) === ZERO) end--;
  return decimal.slice(0, decimal.charCodeAt(end - 1) === POINT ? end - 1 : end);
}

const ZERO = 48;
const POINT = 46;

/** Digits from the first that is not zero: 6 in `0.00250000`, 7 in `97123.40`. */
function significantDigits(decimal: string): number {
  const point = decimal.indexOf(".");
  let first = 0;
  while (first === point || decimal.charCodeAt(first) === ZERO) first++;
  return decimal.length - first - (point > first ? 1 : 0);
}
