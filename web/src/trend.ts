import { STEP_MS, type Trace } from "./history.ts";

/** What a trace comes to. */
export type Trend = {
  readonly first: number;
  readonly last: number;
  readonly low: number;
  readonly high: number;
  /** From the first to the last, ms. */
  readonly spanMs: number;
  /** From the first to the last. */
  readonly percent: number;
  /** Of the two decimals that are shown. */
  readonly direction: "up" | "down" | "flat";
};

/** Undefined where no step has a price. */
export function trendOf({ prices }: Pick<Trace, "prices">): Trend | undefined {
  const known = prices.filter((price) => !Number.isNaN(price));
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const percent = (last / first - 1) * 100;
  const steps = prices.lastIndexOf(last) - prices.indexOf(first);
  return {
    first,
    last,
    low: known.reduce((low, price) => Math.min(low, price)),
    high: known.reduce((high, price) => Math.max(high, price)),
    spanMs: steps * STEP_MS,
    percent,
    direction: Math.abs(percent) < 0.005 ? "flat" : percent > 0 ? "up" : "down",
  };
}

/** `up 0.40 % in 6 minutes` */
export function describeTrend({ direction, percent, spanMs }: Trend): string {
  if (spanMs === 0) return "just begun";
  const time = describeSpan(spanMs);
  if (direction === "flat") return `unchanged in ${time}`;
  return `${direction} ${Math.abs(percent).toFixed(2)} % in ${time}`;
}

/** `40 seconds`, `6 minutes` */
function describeSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return count(seconds, "second");
  return count(Math.round(seconds / 60), "minute");
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
