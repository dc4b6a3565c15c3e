/** What one contract says, held against another of the same gateway. */
import type { PriceSeen } from "../seen.ts";
import { list } from "../words.ts";

type Prices = ReadonlyMap<string, PriceSeen>;

/** What one has more than one in so many of is amiss in the other, not late. */
export const SHARE = 10;
/** No two prices of the same asset, of about the same moment, are so many times apart. */
const APART = 2;

/** What `other` does not have of `one`, in words; undefined where that is little. */
export function lacking(one: Prices, other: Prices): string | undefined {
  const missing = [...one.keys()].filter((id) => !other.has(id));
  return missing.length > one.size / SHARE ? list(missing, 3) : undefined;
}

/** How many are old in `other`, of those that are fresh in `one`; undefined where those are half or less. */
export function aged(one: Prices, other: Prices): string | undefined {
  const fresh = pairs(one, other).filter(([, price]) => !price.stale);
  const old = fresh.filter(([, , price]) => price.stale);
  return old.length > fresh.length / 2 ? `${old.length} of ${fresh.length}` : undefined;
}

/** The prices that are far apart, in words; undefined where those are half or less. */
export function apart(one: Prices, other: Prices): string | undefined {
  const both = pairs(one, other);
  const far = both.filter(([, { price }, theirs]) => {
    const ratio = Number(price) / Number(theirs.price);
    return ratio > APART || ratio < 1 / APART;
  });
  if (far.length <= both.length / 2) return undefined;
  return list(
    far.map(([id, { price }, theirs]) => `${id} ${price} and ${theirs.price}`),
    3,
  );
}

const pairs = (one: Prices, other: Prices) =>
  [...one].flatMap(([id, price]) => {
    const theirs = other.get(id);
    return theirs ? [[id, price, theirs] as const] : [];
  });
