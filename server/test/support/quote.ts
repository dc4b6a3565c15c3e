import type { Quote } from "../../src/types.ts";

/** A price as CoinCap tells it, received at time 0. */
export const quoteOf = (asset: string, price: string, more: Partial<Quote> = {}): Quote => ({
  asset,
  price,
  quote: "USD",
  source: "coincap",
  constituents: ["coincap"],
  derived: undefined,
  spread: undefined,
  thin: false,
  receivedAt: 0,
  exchangeTime: undefined,
  change24h: undefined,
  ...more,
});
