/** Significant digits of a price below 1. */
const DIGITS = 4;

/**
 * A price for people: decimals by magnitude, thousands grouped, never an exponent. Works on the decimal
 * string, and cuts rather than rounds: no digit is invented, and `0.00000012` stays readable as it is.
 * The number of decimals depends on the magnitude alone, so that a ticking price does not change its
 * width; only below 0.01 there may be fewer than usual.
 */
export function formatPrice(price: string): string {
  const [whole = "0", fraction = ""] = price.split(".");
  if (whole === "0") {
    const zeros = Math.max(0, fraction.search(/[1-9]/));
    return `0.${fraction.slice(0, zeros + DIGITS).padEnd(DIGITS, "0")}`;
  }
  const decimals = whole.length > 2 ? 2 : 4;
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction.slice(0, decimals).padEnd(decimals, "0")}`;
}

/** A price with its currency: `$97,123.41`, `97,120.00 USDT`. */
export const formatAmount = ({ price, quote }: { price: string; quote: string }): string =>
  quote === "USD" ? `$${formatPrice(price)}` : `${formatPrice(price)} ${quote}`;

/** `+1.25 %`, with the sign that says the direction without colour. */
export function formatChange(percent: number): string {
  const text = Math.abs(percent).toFixed(2);
  const sign = Number(text) === 0 ? "" : percent > 0 ? "+" : "−";
  return `${sign}${text} %`;
}
