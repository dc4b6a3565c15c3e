import type { News } from "./events.ts";
import { createListeners } from "./listeners.ts";
import type { Price } from "./mirror.ts";

/**
 * The prices as last heard. Subscribers are called once per frame, and only for prices that changed.
 * Pure: the caller brings the time, in ms of any clock that never goes back.
 * @param nextFrame calls back when the next frame is drawn
 */
export function createStore(nextFrame: (fn: () => void) => void) {
  const held = new Map<string, Price>();
  /** A copy for the application, made when it asks. */
  let snapshot: ReadonlyMap<string, Price> | undefined;
  /** When the server had received each, as far as it is known. */
  const receivedAt = new Map<string, number>();
  let newestAt: number | undefined;
  /** Names that the application uses → ids. */
  const ids = new Map<string, string>();
  const subscribers = createListeners<ReadonlyMap<string, Price>>();
  /** What they have not been told yet. */
  let changed = new Map<string, Price>();
  let isDue = false;
  /** What they are being told. */
  let underWay = new Map<string, Price>();

  const idOf = (name: string): string => ids.get(name) ?? name;

  const change = (price: Price) => {
    snapshot = undefined;
    held.set(price.asset, price);
    changed.set(price.asset, price);
  };

  const tell = () => {
    // One of them may have ended the stream while they were told: then those after it are told this alone.
    isDue = false;
    const told = new Map([...underWay, ...changed]);
    if (changed.size === 0) return;
    changed = new Map();
    underWay = told;
    subscribers.call(told, () => underWay === told);
    underWay = new Map();
  };

  const take = (
    { prices, changed: told, names = {}, continuous = false, ageMs }: News,
    now: number,
  ) => {
    for (const asset of told ?? new Set([...held.keys(), ...prices.keys()])) {
      const known = held.get(asset);
      const price = prices.get(asset);
      if (!price) {
        // Its subscribers hear of it once more, as old.
        if (known) change(expired(known));
        held.delete(asset);
        continue;
      }
      if (known === price) continue;
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
      if (!known || !isSame(known, price)) change(price);
    }
    for (const [name, id] of Object.entries(names)) {
      const price = held.get(id);
      if (price && ids.get(name) !== id) changed.set(price.asset, price);
      ids.set(name, id);
    }
    if (changed.size === 0 || isDue) return;
    isDue = true;
    // Perhaps at once: all has to be taken by then.
    nextFrame(tell);
  };

  return {
    take,

    /** The server told how old its newest price is. */
    dateNewest(at: number) {
      newestAt = at;
    },

    /**
     * Nobody vouches for any price: all are stale until they are told anew. Subscribers hear of it at once, so
     * that not even for one frame an old price is shown as a live one.
     */
    expireAll() {
      for (const price of held.values()) if (!price.stale) change(expired(price));
      tell();
    },

    idOf,

    isFresh(): boolean {
      for (const { stale } of held.values()) if (!stale) return true;
      return false;
    },

    get: (name: string): Price | undefined => held.get(idOf(name)),

    /** The same map until one changes. */
    all(): ReadonlyMap<string, Price> {
      snapshot ??= new Map(held);
      return snapshot;
    },

    /** When the server had received the price of an asset, or the newest of all. */
    receivedAt: (name?: string): number | undefined =>
      name === undefined ? newestAt : receivedAt.get(idOf(name)),

    /** Calls `fn` with what has changed, by asset. Returns the undo. */
    subscribe: subscribers.add,
  };
}

/** The price, as an old one. */
export const expired = (price: Price): Price => (price.stale ? price : { ...price, stale: true });

export const isSame = (a: Readonly<Record<string, unknown>>, b: object): boolean =>
  Object.entries(b).every(([key, value]) => a[key] === value);
