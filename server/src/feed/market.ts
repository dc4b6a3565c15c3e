import type { Tick } from "../types.ts";

/** The latest price of one asset at one source, warm whether the source speaks or not. */
export type Slot = {
  price: string;
  /** The price as a float, for comparison only. */
  value: number;
  quote: string;
  /** 0 is the best quote currency. */
  quoteRank: number;
  receivedAt: number;
  exchangeTime: number | undefined;
  sequence: number | undefined;
  open24h: string | undefined;
  /** Since when the slot has been fresh without a break. */
  freshSince: number;
  /** The asset was taken from this source because it was stale here. */
  yielded: boolean;
  /** False: the price says that the symbol means another coin here. */
  matched: boolean;
};

/** A price held back as absurd. `since`: when the move was first seen. */
export type Held = { slot: Slot; since: number };

/** Everything known of one asset's prices. Arrays go by the index of the source. */
export type Market = {
  readonly asset: string;
  readonly slots: (Slot | undefined)[];
  readonly held: (Held | undefined)[];
  /** Index of the source that speaks, -1 before the first price. */
  speaker: number;
  /** The last price that was published. */
  last: { value: number; receivedAt: number } | undefined;
};

export const newMarket = (asset: string): Market => ({
  asset,
  slots: [],
  held: [],
  speaker: -1,
  last: undefined,
});

/** By exchange time, else by sequence; without either, arrival is the order. */
export function isOlder(tick: Tick, { exchangeTime, sequence }: Slot): boolean {
  if (tick.time !== undefined && exchangeTime !== undefined && tick.time !== exchangeTime) {
    return tick.time < exchangeTime;
  }
  return tick.sequence !== undefined && sequence !== undefined && tick.sequence < sequence;
}
