import type { PriceStream } from "@cryptovault/price-stream";
import { type RefObject, useEffect, useMemo, useState } from "react";
import type { Assets } from "../assets.ts";
import type { MarketRoute } from "../route.ts";
import { arrange } from "./order.ts";

/**
 * Rows that change places each second cannot be read, nor hit: live values are sorted anew this often, and
 * not at all while somebody points at the table or has the focus in it, ms.
 */
const SORT_EVERY_MS = 5000;

/** Ids of the assets to be shown, in order. */
export function useOrder(
  stream: PriceStream,
  assets: Assets,
  favourites: ReadonlySet<string>,
  route: MarketRoute,
  table: RefObject<HTMLElement | null>,
): string[] {
  const { query, sort, favouritesOnly } = route;
  const { key, descending } = sort;
  const isLive = key === "price" || key === "change";
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => {
      if (!isInUse(table.current)) setTurn((n) => n + 1);
    }, SORT_EVERY_MS);
    return () => clearInterval(timer);
  }, [table, isLive]);

  // New assets, and those whose names have become known, take their places at once. What is described anew
  // from time to time matters to live values no more than a tick does.
  const basis = isLive ? countNamed(assets) : assets;
  // biome-ignore lint/correctness/useExhaustiveDependencies: not with each description, but with each turn
  return useMemo(
    () =>
      arrange(assets, stream.all(), favourites, {
        query,
        sort: { key, descending },
        favouritesOnly,
      }),
    [stream, basis, assets.size, favourites, query, key, descending, favouritesOnly, turn],
  );
}

const countNamed = (assets: Assets): number =>
  [...assets.values()].filter(({ symbol }) => symbol !== "").length;

/** After a tap, a touch screen goes on to claim that it hovers. */
const isInUse = (table: HTMLElement | null): boolean =>
  table?.matches(
    matchMedia("(hover: hover)").matches ? ":hover, :focus-within" : ":focus-within",
  ) ?? false;
