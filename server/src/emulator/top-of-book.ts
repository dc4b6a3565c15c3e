/** The best bid and ask, which the market does not have: they are made up around its price. */
import { lot } from "./random.ts";
import type { PairTick } from "./tape.ts";

/** Half of the distance between bid and ask. */
const HALF_SPREAD = 0.0001;

/** In the quote currency; at least one unit of the last of `decimals` from the price. */
export function bestOf({ last }: PairTick, decimals: number): { bid: number; ask: number } {
  const unit = 10 ** -decimals;
  const half = Math.max(unit, last * HALF_SPREAD);
  return { bid: Math.max(unit, last - half), ask: last + half };
}

/** What is offered or was traded, in units of the base: always the same for the same `id`. */
export const sizeOf = (id: number): number => Math.max(0.000_001, 2 * lot(`size ${id}`) ** 3);
