import type { Identity } from "./identity.ts";

/** It trades everywhere, every second: a connection that brings no price of it is dead. */
export const PULSE = "bitcoin";

/** Subscribed to whatever is chosen: the pulse, and what converts prices in stablecoins. */
const ALWAYS_WANTED = new Set([PULSE, "tether", "usd-coin"]);

export type Choice = ReturnType<typeof createChoice>;

/**
 * The assets that an operator chose, by id or symbol; all, if `names` is undefined. A name may
 * become known later, with CoinCap's list.
 */
export function createChoice(names: readonly string[] | undefined, identity: Identity) {
  const chosen = new Set(names?.map((name) => name.toLowerCase()));

  const isServed = (id: string): boolean => {
    if (!names || chosen.has(id)) return true;
    const symbol = identity.get(id)?.symbol ?? "";
    return chosen.has(symbol.toLowerCase()) && identity.find(symbol)?.id === id;
  };

  return {
    isSelective: names !== undefined,
    /** Whether clients get this asset. */
    isServed,
    /** Whether exchanges are to be asked for it. */
    isWanted: (id: string): boolean => isServed(id) || ALWAYS_WANTED.has(id),
    /** Chosen names that mean no asset known by now. */
    unknown: (): string[] => (names ?? []).filter((name) => !identity.find(name)),
  };
}
