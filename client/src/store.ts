import type { News } from "./events.ts";
import { createListeners } from "./listeners.ts";
import type { Price } from "./mirror.ts";

/**
 * The prices as last heard. Subscribers are called once per frame, and only for prices that changed.
 * Pure: the caller brings the time, in ms of any clock that never goes back.
 * @param nextFrame calls back when the next frame is drawn
 */
export function createStore(nextFrame: (fn: () => void) => void) {
  let prices: ReadonlyMap<string, Price> = new Map();
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

  /** Takes what there is now: what is left out is priced no more. */
  const take = ({ prices: told, names = {}, continuous = false, ageMs }: News, now: number) => {
    const before = prices;
    const after = new Map<string, Price>();
    let isSameAsBefore = true;
    const change = (price: Price) => {
      isSameAsBefore = false;
      changed.set(price.asset, price);
    };
    for (const price of told) {
      const { asset } = price;
      const known = before.get(asset);
      after.set(asset, price);
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
      if (known && isSame(known, price)) after.set(asset, known);
      else change(price);
    }
    // Their subscribers hear of them once more, as old.
    for (const [asset, price] of before) if (!after.has(asset)) change(expired(price));
    if (!isSameAsBefore) prices = after;
    for (const [name, id] of Object.entries(names)) {
      const price = prices.get(id);
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
      const old = Array.from(prices.values(), expired);
      take({ prices: old, ageMs: () => undefined }, 0);
      tell();
    },

    idOf,

    isFresh: (): boolean => [...prices.values()].some(({ stale }) => !stale),

    get: (name: string): Price | undefined => prices.get(idOf(name)),

    /** The same map until one changes. */
    all: (): ReadonlyMap<string, Price> => prices,

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
