import type { Held, Market } from "./market.ts";

/** A move by more than this factor against the last fresh price is absurd. */
const ABSURD_FACTOR = 2;
/** How long an unconfirmed absurd move must persist before it is believed, ms. */
const ABSURD_HOLD_MS = 10_000;
/** At two sources one asset's prices differ by at most this part of the smaller one. */
const MATCH_TOLERANCE = 0.2;

/** How far prices of one asset may be apart, in time and by what the sources' names tell. */
export type Judge = {
  staleAfterMs: number;
  /** Whether the source at this index names assets by id, not by symbol. */
  namesById(index: number): boolean;
  /** Sources with the same market are no witnesses of each other. */
  marketOf(index: number): string;
};

/**
 * Whether `value` is a move too big to be believed at once: against the last fresh price of its
 * source, else of the asset. (One that a symbol was taken for is left to `isMatched` in that case.)
 */
export function isAbsurd(judge: Judge, market: Market, index: number, value: number, now: number) {
  const { staleAfterMs } = judge;
  const own = market.slots[index];
  if (own && now - own.receivedAt <= staleAfterMs) return !isSameMove(value, own.value);
  if (!judge.namesById(index)) return false;
  const other = market.slots.find((slot) => slot?.matched && now - slot.receivedAt <= staleAfterMs);
  return other !== undefined && !isSameMove(value, other.value);
}

/** Whether two absurd prices are the same move, still going on. */
export const isSameMove = (a: number, b: number): boolean =>
  Math.max(a, b) <= ABSURD_FACTOR * Math.min(a, b);

/**
 * Believed when another source says so too (its own price may be held back as well), or when it
 * lasts and no other source denies it.
 */
export function isConfirmed(judge: Judge, market: Market, index: number, held: Held, now: number) {
  let denied = false;
  for (const [i, slot] of market.slots.entries()) {
    const said = market.held[i]?.slot ?? slot;
    if (!said || slot?.matched === false) continue;
    if (judge.marketOf(i) === judge.marketOf(index)) continue;
    if (now - said.receivedAt > judge.staleAfterMs) continue;
    if (agree(held.slot.value, said.value)) return true;
    denied = true;
  }
  return !denied && now - held.since >= ABSURD_HOLD_MS;
}

/**
 * Whether the price fits the asset that its symbol was taken for: within 20 % of a fresh price of
 * another source (one that names assets by id is the sole judge), or of the last known price. Where
 * there is nothing to compare with, or only its own last price, it fits.
 */
export function isMatched(judge: Judge, market: Market, index: number, value: number, now: number) {
  if (judge.namesById(index)) return true;
  let compared = market.speaker !== index && market.last !== undefined;
  let agrees = market.last !== undefined && agree(value, market.last.value);
  for (let i = 0; i < market.slots.length; i++) {
    const slot = market.slots[i];
    if (i === index || !slot?.matched || now - slot.receivedAt > judge.staleAfterMs) continue;
    if (judge.namesById(i)) return agree(value, slot.value);
    compared = true;
    agrees ||= agree(value, slot.value);
  }
  return agrees || !compared;
}

/** Whether two prices are near enough to each other to be those of one coin. */
export const agree = (a: number, b: number): boolean =>
  Math.abs(a - b) <= MATCH_TOLERANCE * Math.min(a, b);
