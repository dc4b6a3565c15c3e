import type { News } from "./events.ts";
import { createListeners, type Listeners } from "./listeners.ts";
import type { Price } from "./mirror.ts";

/**
 * The prices as last heard. Subscribers are called once per frame, and only for prices that changed.
 * Pure: the caller brings the time, in ms of any clock that never goes back.
 * @param nextFrame calls back when the next frame is drawn
 */
export function createStore(nextFrame: (fn: () => void) => void) {
  const prices = new Map<string, Price>();
  /** When the server had received each, as far as it is known. */
  const receivedAt = new Map<string, number>();
  const perName = new Map<string, Listeners<Price>>();
  const overall = createListeners<readonly Price[]>();
  const changed = new Map<string, Price>();
  /** Names that the application uses → ids. */
  const ids = new Map<string, string>();
  let snapshot: ReadonlyMap<string, Price> | undefined;
  let newestAt: number | undefined;

  const idOf = (name: string): string => ids.get(name) ?? name;

  const flush = () => {
    const values = [...changed.values()];
    changed.clear();
    for (const value of values) perName.get(value.asset)?.call(value);
    for (const [name, id] of ids) {
      for (const value of values) if (value.asset === id) perName.get(name)?.call(value);
    }
    overall.call(values);
  };

  const mark = (value: Price) => {
    snapshot = undefined;
    if (changed.size === 0) nextFrame(flush);
    changed.set(value.asset, value);
  };

  const expire = (price: Price) => {
    if (price.stale) return;
    const old = { ...price, stale: true };
    prices.set(price.asset, old);
    mark(old);
  };

  /** Nobody prices it any more: its subscribers hear of it once more, as old. */
  const drop = (price: Price) => {
    prices.delete(price.asset);
    mark({ ...price, stale: true });
  };

  return {
    /** Takes what one message tells. */
    take({ prices: told, absent, gone = [], names = {}, continuous, ageMs }: News, now: number) {
      const assets = new Set<string>();
      for (const price of told) {
        const { asset } = price;
        const known = prices.get(asset);
        assets.add(asset);
        // Another source's price may be older than the one before it.
        const isFollowed = continuous && !price.stale && known?.source === price.source;
        const hasMoved = known?.price !== price.price;
        // Where nothing is told it counts from having been seen to change.
        const age = ageMs(price, isFollowed) ?? (isFollowed && hasMoved ? 0 : undefined);
        if (age !== undefined) {
          receivedAt.set(asset, now - age);
          newestAt = Math.max(newestAt ?? -Infinity, now - age);
        } else if (hasMoved && !isFollowed) {
          receivedAt.delete(asset);
        }
        if (known && isSame(known, price)) continue;
        prices.set(asset, price);
        mark(price);
      }
      for (const asset of gone) {
        const price = prices.get(asset);
        if (price) drop(price);
      }
      if (absent !== "same") {
        const end = absent === "gone" ? drop : expire;
        for (const [asset, price] of prices) if (!assets.has(asset)) end(price);
      }
      for (const [name, id] of Object.entries(names)) {
        ids.set(name, id);
        const price = prices.get(id);
        if (price) mark(price);
      }
    },

    /** The server told how old its newest price is. */
    dateNewest(at: number) {
      newestAt = at;
    },

    /** Nobody vouches for any price: all are stale until they are told anew. */
    expireAll() {
      for (const price of prices.values()) expire(price);
    },

    get: (name: string): Price | undefined => prices.get(idOf(name)),

    /** The same map until one changes. */
    all(): ReadonlyMap<string, Price> {
      snapshot ??= new Map(prices);
      return snapshot;
    },

    /** When the server had received the price of an asset, or the newest of all. */
    receivedAt: (name?: string): number | undefined =>
      name === undefined ? newestAt : receivedAt.get(idOf(name)),

    subscribe(name: string, fn: (price: Price) => void): () => void {
      const listeners = perName.get(name) ?? createListeners<Price>();
      perName.set(name, listeners);
      return listeners.add(fn);
    },

    subscribeAll: (fn: (changed: readonly Price[]) => void): (() => void) => overall.add(fn),
  };
}

export const isSame = (a: Readonly<Record<string, unknown>>, b: object): boolean =>
  Object.entries(b).every(([key, value]) => a[key] === value);
