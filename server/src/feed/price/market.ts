import type { Derived, Tick } from "../../types.ts";
import { convert } from "./convert.ts";
import type { Rate } from "./rates.ts";

/** The latest price of one asset at one source, warm whether the source speaks or not. */
export type Slot = {
  price: string;
  quote: string;
  /** 0 is the best quote currency. */
  quoteRank: number;
  /** The rate of the quote when this price came; undefined for USD, and where none was fresh. */
  rate: Rate | undefined;
  /** The price as a float, for comparison only: as it came, and in USD where the rate is known. */
  raw: number;
  value: number;
  receivedAt: number;
  exchangeTime: number | undefined;
  sequence: number | undefined;
  open24h: string | undefined;
  /** In percent. */
  change24h: number | undefined;
  baseVolume24h: string | undefined;
  quoteVolume24h: string | undefined;
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
  /** Index of the source that speaks (of a median: one in the middle), -1 before the first price. */
  speaker: number;
  /** Indexes of the sources whose prices agree on what was published last. */
  agreeing: readonly number[];
  /** The last price that was published. */
  last: { value: number; receivedAt: number } | undefined;
};

export const newMarket = (asset: string): Market => ({
  asset,
  slots: [],
  held: [],
  speaker: -1,
  agreeing: [],
  last: undefined,
});

/** By exchange time, else by sequence; without either, arrival is the order. */
export function isOlder(tick: Tick, { exchangeTime, sequence }: Slot): boolean {
  if (tick.time !== undefined && exchangeTime !== undefined && tick.time !== exchangeTime) {
    return tick.time < exchangeTime;
  }
  return tick.sequence !== undefined && sequence !== undefined && tick.sequence < sequence;
}

/** The currency that a slot's price is published in. */
export const currencyOf = ({ quote, rate }: Slot): string => (rate ? "USD" : quote);

/** A slot's price as it is published: converted to USD where the rate was known, else as it came. */
export function inUsd(slot: Slot): { price: string; quote: string; derived: Derived | undefined } {
  const { price, quote, rate } = slot;
  if (!rate) return { price, quote, derived: undefined };
  const derived = { price, quote, rate: rate.price };
  return { price: convert(price, rate.factor), quote: "USD", derived };
}

/** Traded in 24 h by the ticker of one price, in USD; undefined without a rate. A statistic. */
export function volumeUsd({ baseVolume24h, quoteVolume24h, quoteRank, value, rate }: Slot) {
  if (quoteRank > 0 && !rate) return undefined;
  const usd =
    quoteVolume24h === undefined
      ? Number(baseVolume24h) * value
      : Number(quoteVolume24h) * (rate?.value ?? 1);
  return Number.isFinite(usd) && usd >= 0 ? usd : undefined;
}
