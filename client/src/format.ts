/**
 * A price for people: decimals by magnitude, thousands grouped, never an exponent. Works on the
 * decimal string, so that no digit is invented: `0.00000012` stays readable as it is.
 */
export function formatPrice(price: string): string {
  const [whole = "0", fraction = ""] = price.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  if (whole !== "0") {
    const digits = whole.length >= 4 ? 2 : 4;
    return `${grouped}.${fraction.padEnd(2, "0").slice(0, digits)}`;
  }
  const leadingZeros = fraction.search(/[1-9]/);
  return `0.${fraction.slice(0, leadingZeros + 4).padEnd(2, "0")}`;
}

/** `+1.25 %`, with the sign that says the direction without colour. */
export function formatChange(percent: number): string {
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${Math.abs(percent).toFixed(2)} %`;
}
