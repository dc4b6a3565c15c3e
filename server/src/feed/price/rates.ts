import type Big from "big.js";
import type { Quote } from "../../types.ts";
import { factor } from "./convert.ts";

/** USD per unit of a currency, as an exchange quoted it. */
export type Rate = { price: string; factor: Big; value: number; receivedAt: number };

/** The assets whose prices in USD are the rates of the currencies that exchanges quote in. */
const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ["tether", "USDT"],
  ["usd-coin", "USDC"],
]);

/**
 * The live rates of USDT and USDC, learned from the prices of tether and usd-coin that are
 * themselves quoted in USD: a converted price is no rate, or one would be the measure of itself.
 */
export function createRates(staleAfterMs: number) {
  const rates = new Map<string, Rate>();
  return {
    learn({ asset, price, quote, derived, receivedAt }: Quote) {
      if (quote !== "USD" || derived) return;
      const currency = CURRENCIES.get(asset);
      if (currency === undefined) return;
      rates.set(currency, { price, factor: factor(price), value: Number(price), receivedAt });
    },

    /** The rate of `currency`; undefined for USD itself, and where none is fresh. */
    of(currency: string, now: number): Rate | undefined {
      const rate = rates.get(currency);
      return rate && now - rate.receivedAt <= staleAfterMs ? rate : undefined;
    },

    clear: () => rates.clear(),
  };
}
