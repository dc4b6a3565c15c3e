import type { Market } from "../../src/emulator/market.ts";
import type { Pair } from "../../src/emulator/pairs.ts";
import { BASIS, NOISE } from "../../src/emulator/tape.ts";

/** A price that somebody claims, and when it may have been true, ms since 1970. */
export type Claim = {
  asset: string;
  price: string;
  /** Currency of the price. */
  quote: string;
  /** Currency that the gateway converted it from, at a rate that was true at `rateFrom` or later. */
  derivedFrom?: string | undefined;
  rateFrom: number;
  from: number;
  to: number;
};

/** An exchange differs from the market by no more than this part, rounding apart. */
const DEVIATION = (1 + BASIS) * (1 + NOISE) - 1;
/** CoinCap rounds to a cent from 100 USD on, and moves a price by one that would repeat itself. */
const CENTS = { from: 100, most: 0.015 };
/** A converted price has six significant digits or more. */
const CONVERSION = 5e-6;
/** How much of the past is kept, ms: a price older than 5 minutes and `staleAfter` is not shown. */
const KEPT_MS = 330_000;

const CURRENCIES = ["USD", "USDT", "USDC"];

export type Truth = ReturnType<typeof createTruth>;

/** What the emulator's market was at each of its steps, to hold prices against. */
export function createTruth(market: Market, pairs: readonly Pair[]) {
  const columns = new Map(market.assets.map(({ id }, column) => [id, column]));
  /** Half a unit of the last decimal: by asset and quote, and of what a rate is quoted in. */
  const half = new Map<string, number>();
  for (const { asset, base, quote, decimals = 15 } of pairs) {
    for (const key of [`${asset} ${quote}`, `rate ${base} ${quote}`]) {
      half.set(key, Math.max(half.get(key) ?? 0, 0.5 * 10 ** -decimals));
    }
  }
  const steps: { at: number; prices: Float64Array; units: Map<string, number> }[] = [];

  /** The extremes of what `read` gives over the steps that were in force within a time. */
  const range = (from: number, to: number, read: (step: (typeof steps)[number]) => number) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = steps.length - 1; i >= 0; i--) {
      const step = steps[i];
      if (!step) break;
      if (step.at > to && i > 0) continue;
      const value = read(step);
      low = Math.min(low, value);
      high = Math.max(high, value);
      // The step before `from` was still in force then.
      if (step.at < from) break;
    }
    return { low, high };
  };

  return {
    /** Notes the market as it stands at `now`, if it has moved. */
    note(now: number) {
      const prices = Float64Array.from(market.assets, ({ id }) => market.price(id) ?? Number.NaN);
      const last = steps.at(-1);
      if (last?.prices.every((price, column) => price === prices[column])) return;
      const units = new Map(CURRENCIES.map((code) => [code, market.unit(code)?.price ?? 1]));
      steps.push({ at: now, prices, units });
      if ((steps[0]?.at ?? now) < now - KEPT_MS) steps.shift();
    },

    /** Says why the price cannot have been true, undefined if it can. */
    refute({ asset, price, quote, derivedFrom, rateFrom, from, to }: Claim): string | undefined {
      const column = columns.get(asset);
      if (column === undefined) return "the market has no such asset";
      const value = range(from, to, ({ prices }) => prices[column] ?? Number.NaN);
      const unit = range(from, to, ({ units }) => units.get(quote) ?? 1);
      // Converted at an older rate it is off by the rate's own moves.
      const rate = range(rateFrom, to, ({ units }) => units.get(derivedFrom ?? "USD") ?? 1);
      const rateRounding = half.get(`rate ${derivedFrom} USD`) ?? 0;
      const strays = derivedFrom ? DEVIATION + CONVERSION + rateRounding : 0;
      const spread = ((1 + DEVIATION) * (1 + strays) * rate.high) / rate.low;
      const cents = quote === "USD" && value.high >= CENTS.from ? CENTS.most : 0;
      const rounding = Math.max(half.get(`${asset} ${derivedFrom ?? quote}`) ?? 0, cents);
      const low = value.low / unit.high / spread - rounding;
      const high = (value.high / unit.low) * spread + rounding;
      const claimed = Number(price);
      if (claimed >= low * (1 - 1e-9) && claimed <= high * (1 + 1e-9)) return undefined;
      return `${asset} is ${price} ${quote}, but was between ${low} and ${high}`;
    },
  };
}
