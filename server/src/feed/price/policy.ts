import type { Quote } from "../../types.ts";
import type { Failover } from "../failover.ts";
import type { Market, Slot } from "./market.ts";

/** How one price per asset is made of what all sources say. Times in ms of the market clock. */
export type Policy = {
  /** The source at `index` has a new price of this market. */
  admitted(market: Market, index: number, now: number): void;
  /** Time has passed: prices may have gone stale, sources may have been lost. */
  decide(market: Market, now: number): void;
};

/** What a policy works with. */
export type Desk = {
  /** Names of the sources, in order of preference. */
  names: readonly string[];
  /** Sources with the same market bring the same prices by two doors. */
  marketOf(index: number): string;
  failover: Failover;
  staleAfterMs: number;
  /** Fewer agreeing sources make a median `thin`. */
  minSources: number;
  /** Whether a price is fresh, and of the right coin. */
  isUsable(slot: Slot | undefined, now: number): slot is Slot;
  /** Change over 24 h of the market in percent, when `slot` speaks. */
  change24h(market: Market, slot: Slot, now: number): number | undefined;
  publish(quote: Quote): void;
};
