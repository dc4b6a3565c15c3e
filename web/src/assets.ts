import type { Price, PriceStream } from "@cryptovault/price-stream";
import type { AssetPrice } from "@cryptovault/price-stream/protocol";
import { useEffect, useMemo, useState } from "react";
import { fetchPrices } from "./api.ts";
import { usePolled } from "./use-polled.ts";

/** What the list tells of an asset besides its price, which comes by the stream. */
export type Asset = Pick<
  AssetPrice,
  "id" | "symbol" | "name" | "rank" | "volume24hUsd" | "volumeSources" | "change24h"
>;

export type Assets = ReadonlyMap<string, Asset>;

/** The gateway learns ranks and volumes at most once a minute. */
const DESCRIBE_EVERY_MS = 60_000;
/** While there are assets that nothing is known of. */
const ASK_AGAIN_MS = 5000;
/** So long a list without names is not worth being shown, as one with names is about to come. */
const PATIENCE_MS = 1000;

/**
 * Every asset by id, described by the REST API; those that only the stream knows so far go by their id.
 * Undefined until one of the two has spoken.
 */
export function useAssets(stream: PriceStream): Assets | undefined {
  const [described, again] = usePolled(fetchPrices, DESCRIBE_EVERY_MS);
  const streamed = useStreamed(stream);
  const known = described?.assets.length ?? 0;
  const isComplete = known > 0 && known >= streamed.size;
  useEffect(() => {
    if (isComplete) return;
    const timer = setInterval(again, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isComplete, again]);
  const isLate = useIsAfter(PATIENCE_MS);
  return useMemo(() => {
    if (!described && (streamed.size === 0 || !isLate)) return undefined;
    const assets = new Map<string, Asset>();
    for (const id of streamed) assets.set(id, nameless(id));
    for (const asset of described?.assets ?? []) assets.set(asset.id, asset);
    return assets;
  }, [described, streamed, isLate]);
}

function useIsAfter(ms: number): boolean {
  const [isAfter, setIsAfter] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsAfter(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isAfter;
}

/** Ids of all assets that the stream has told of. Rendered again only when there are new ones. */
function useStreamed(stream: PriceStream): ReadonlySet<string> {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let known: ReadonlySet<string> = new Set();
    const note = (prices: Iterable<Price>) => {
      const news = Array.from(prices, ({ asset }) => asset).filter((id) => !known.has(id));
      // React would keep what a setter is told to no effect until it renders for another reason.
      if (news.length === 0) return;
      known = new Set([...known, ...news]);
      setIds(known);
    };
    note(stream.all().values());
    return stream.subscribeAll(note);
  }, [stream]);
  return ids;
}

/** By id, else by symbol: of several, the one with the best rank. */
export function findAsset(assets: Assets, name: string): Asset | undefined {
  const byId = assets.get(name) ?? assets.get(name.toLowerCase());
  if (byId) return byId;
  const symbol = name.toUpperCase();
  const namesakes = [...assets.values()].filter((asset) => asset.symbol.toUpperCase() === symbol);
  return namesakes.sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity))[0];
}

const nameless = (id: string): Asset => ({
  id,
  symbol: "",
  name: id,
  rank: null,
  volume24hUsd: null,
  volumeSources: [],
  change24h: null,
});
