import type { Derived } from "../../types.ts";
import { inUsd, type Market, type Slot, volumeUsd } from "./market.ts";

/** One source's view of one asset. */
export type SourceView = {
  source: string;
  /** As published if this source spoke: in USD where the rate of its quote is known. */
  price: string;
  quote: string;
  /** Present where the price was converted: what the exchange wrote, and the rate. */
  derived: Derived | undefined;
  receivedAt: number;
  exchangeTime: number | undefined;
  stale: boolean;
  /** Whether the published price is this source's, or the median of this one and others. */
  speaking: boolean;
  /** False: the price says that the symbol means another coin here. */
  matched: boolean;
  /** A price held back as absurd, in the currency the exchange wrote it in. */
  held: string | undefined;
  /** What its ticker says was traded in 24 h, in USD. */
  volume24hUsd: number | undefined;
};

/** What every source says of one market. */
export const viewsOf = (
  { slots, held, agreeing }: Market,
  names: readonly string[],
  isStale: (slot: Slot) => boolean,
): SourceView[] =>
  names.flatMap((source, index) => {
    const slot = slots[index] ?? held[index]?.slot;
    if (!slot) return [];
    const { receivedAt, exchangeTime, matched } = slot;
    return {
      source,
      ...inUsd(slot),
      receivedAt,
      exchangeTime,
      stale: isStale(slot),
      speaking: agreeing.includes(index),
      matched,
      held: held[index]?.slot.price,
      volume24hUsd: slots[index] && volumeUsd(slots[index]),
    };
  });
