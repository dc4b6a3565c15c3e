import type { Price, PricesEvent } from "./events.ts";
import { createListeners, type Listeners } from "./listeners.ts";

export type Store = ReturnType<typeof createStore>;

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
  const drop = (asset: string) => {
    const price = prices.get(asset);
    if (prices.delete(asset) && price) mark({ ...price, stale: true });
  };

  /** Dates a price by what is told of it, else by having seen it change just now. */
  const dated = (price: Price, event: PricesEvent, continuous: boolean): number | undefined => {
    // Of a price from before this connection the exchange may know when that was.
    const since = price.staleSince ?? (continuous ? null : price.exchangeTime);
    const ageMs = event.ageMs ?? (since === null ? undefined : Math.max(0, event.at - since));
    const moved = prices.get(price.asset)?.price !== price.price;
    return ageMs ?? (moved && continuous && !price.stale ? 0 : undefined);
  };

  return {
    /**
     * Takes the prices of one message.
     * @param continuous the message follows another one of the same connection, so that a changed
     * price is a new one; after a gap it may have changed at any time
     */
    take(event: PricesEvent, continuous: boolean, now: number) {
      const { rows, absent, gone = [], names = {} } = event;
      for (const price of rows) {
        const { asset } = price;
        const ageMs = dated(price, event, continuous);
        if (ageMs !== undefined) {
          receivedAt.set(asset, now - ageMs);
          newestAt = Math.max(newestAt ?? -Infinity, now - ageMs);
        }
        if (isSame(prices.get(asset), price)) continue;
        prices.set(asset, price);
        mark(price);
      }
      for (const asset of gone) drop(asset);
      const told = new Set(rows.map(({ asset }) => asset));
      if (absent !== "same" && told.size < prices.size) {
        for (const price of [...prices.values()]) {
          if (!told.has(price.asset)) absent === "gone" ? drop(price.asset) : expire(price);
        }
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

const isSame = (a: Readonly<Record<string, unknown>> = {}, b: Price): boolean =>
  Object.entries(b).every(([key, value]) => a[key] === value);
