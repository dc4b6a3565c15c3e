import Big from "big.js";

/** A converted price is never rounded to fewer significant digits, however short its input was. */
const LEAST_DIGITS = 6;

/**
 * `price` times `rate`, exactly, rounded half to even to as many significant digits as `price` is
 * written with: a conversion adds no precision. Trailing zeros are left out. Both are plain decimals
 * above zero, so is the result.
 */
export function convert(price: string, rate: string): string {
  const digits = Math.max(LEAST_DIGITS, significantDigits(price));
  return new Big(price).times(rate).prec(digits, Big.roundHalfEven).toFixed();
}

/** The number halfway between two decimals, exactly. */
export const midpoint = (a: string, b: string): string => new Big(a).plus(b).times("0.5").toFixed();

/** Digits from the first that is not zero: 6 in `0.00250000`, 7 in `97123.40`. */
function significantDigits(decimal: string): number {
  const first = decimal.search(/[1-9]/);
  const point = decimal.indexOf(".");
  return decimal.length - first - (point > first ? 1 : 0);
}
