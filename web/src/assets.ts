import type { Price, PriceStream } from "@cryptovault/price-stream";
import type { AssetPrice, PricesResponse } from "@cryptovault/price-stream/protocol";
import { poll } from "./poll.ts";
import { isReached } from "./reached.ts";

/** What the list tells of an asset besides its price, which comes by the stream. */
export type Asset = Pick<
  AssetPrice,
  "id" | "symbol" | "name" | "rank" | "volume24hUsd" | "volumeSources" | "change24h"
>;

export type Assets = ReadonlyMap<string, Asset>;

export type KnownAssets = {
  /** Undefined until enough is known for a list. The same map until something changes. */
  get(): Assets | undefined;
  /** Calls `fn` when that changes. Returns the undo. */
  subscribe(fn: () => void): () => void;
};

/** The gateway learns ranks and volumes at most once a minute. */
const DESCRIBE_EVERY_MS = 60_000;
/** While there are assets that nothing is known of. */
const ASK_AGAIN_MS = 5000;
/** So long a list without names is not worth being shown, as one with names is about to come. */
const PATIENCE_MS = 1000;

/**
 * Gets to know every asset by id, from now on, for as long as the page lives. They are described by the
 * REST API; those that only the stream knows so far go by their id.
 * @param ask the REST API for all assets
 */
export function learnAssets(
  stream: Pick<PriceStream, "subscribeAll" | "status">,
  ask: () => Promise<PricesResponse>,
): KnownAssets {
  const streamed = new Set<string>();
  const listeners = new Set<() => void>();
  let described: PricesResponse | undefined;
  let isLate = false;
  let assets: Assets | undefined;

  const compose = () => {
    if (!described && (streamed.size === 0 || !isLate)) return;
    const next = new Map<string, Asset>();
    for (const id of streamed) next.set(id, nameless(id));
    for (const asset of described?.assets ?? []) next.set(asset.id, asset);
    assets = next;
    for (const listener of listeners) listener();
  };

  const asking = poll(ask, DESCRIBE_EVERY_MS, (answer) => {
    described = answer;
    compose();
  });
  const askForMissing = () => {
    const known = described?.assets.length ?? 0;
    if (isReached(stream.status) && (known === 0 || known < streamed.size)) asking.again();
  };
  setInterval(askForMissing, ASK_AGAIN_MS);
  setTimeout(() => {
    isLate = true;
    if (!described) compose();
  }, PATIENCE_MS);
  stream.subscribeAll((prices: readonly Price[]) => {
    const before = streamed.size;
    for (const { asset } of prices) streamed.add(asset);
    if (streamed.size > before) compose();
  });

  return {
    get: () => assets,
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  };
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
