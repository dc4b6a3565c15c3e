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

/** The class of a change: nothing where there is none. */
export const directionOf = (change: number | null): "up" | "down" | "" =>
  change === null || change === 0 ? "" : change > 0 ? "up" : "down";

const compact = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  notation: "compact",
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});

/** A sum for people: `$39.8B`, `$1.20M`. */
export const formatUsd = (usd: number): string => compact.format(usd);

/** `now`, `12 s`, `3 min`, `2 h`, `4 d`. */
export function formatAge(ms: number): string {
  if (ms < 2000) return "now";
  if (ms < 120_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/**
 * A moment by the device's own clock and custom.
 * @param at ms since 1970
 */
export const formatClock = (at: number, withSeconds: boolean): string =>
  new Date(at).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    ...(withSeconds && { second: "2-digit" }),
  });
