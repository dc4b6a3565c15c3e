/** How the exchanges spell numbers. None of them ever writes an exponent. */

/** From here on `toFixed` would write an exponent. */
const EXPONENT_FROM = 1e21;

/** `value` with exactly `digits` decimals: `plain(1e-7, 8)` is `"0.00000010"`. */
export function plain(value: number, digits: number): string {
  if (Math.abs(value) < EXPONENT_FROM) return value.toFixed(digits);
  return digits > 0 ? `${BigInt(value)}.${"0".repeat(digits)}` : `${BigInt(value)}`;
}

/** Without the zeros that say nothing: `"81414.80"` is `"81414.8"`, `"5.00"` is `"5"`. */
export const trimmed = (decimal: string): string =>
  decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;

/** `value`, above zero, with `digits` significant digits and no trailing zeros. */
export function significant(value: number, digits: number): string {
  const decimals = digits - 1 - Math.floor(Math.log10(value));
  return trimmed(plain(value, Math.min(100, Math.max(0, decimals))));
}

/** `value` rounded to `digits` decimals, at least one unit of the last one. */
export const rounded = (value: number, digits: number): number =>
  Math.max(Number(plain(value, digits)), Number(plain(10 ** -digits, digits)));
