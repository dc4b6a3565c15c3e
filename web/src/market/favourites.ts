import { useMemo } from "react";
import { createKept, useKept } from "../kept.ts";

const kept = createKept("favourites", (stored): readonly string[] =>
  Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : [],
);

/** Ids of the assets that the user has starred. */
export function useFavourites(): ReadonlySet<string> {
  const ids = useKept(kept);
  return useMemo(() => new Set(ids), [ids]);
}

export function toggleFavourite(asset: string) {
  const ids = kept.get();
  kept.set(ids.includes(asset) ? ids.filter((id) => id !== asset) : [...ids, asset]);
}
