import type { PriceNews, PricesEvent } from "./events.ts";
import { createListeners, type Listeners } from "./listeners.ts";

/** The price of one asset. Replaced as a whole when anything in it changes. */
export type Price = {
  /** The asset's id: `bitcoin`. */
  readonly asset: string;
  /** Decimal string in `quote`, as the exchange wrote it. */
  readonly price: string;
  /** Currency of the price: `USD`, `USDT`, … */
  readonly quote: string;
  /** The currency it was converted to USD from, at the live rate; null where it came in `quote`. */
  readonly derivedFrom: string | null;
  /** Fewer exchanges agree on it than the gateway's operator asked for. */
  readonly thin: boolean;
  /** The price is old, or nobody vouches for it at the moment: don't show it as live. */
  readonly stale: boolean;
  /** Change over 24 hours in percent, two decimals; null where nobody knows. */
  readonly change24h: number | null;
  /** The exchange that speaks for it, or `median`; null where the server doesn't tell. */
  readonly source: string | null;
};

type Entry = {
  value: Price;
  /** When the server last vouched for it. */
  vouchedAt: number;
  /** By then the server had received it; undefined while unknown. */
  receivedAt: number | undefined;
};

export type Store = ReturnType<typeof createStore>;

export type StoreOptions = {
  /** A price that nobody has vouched for in so long is stale, ms. */
  staleAfterMs: number;
  /** Calls back when the next frame is drawn. */
  nextFrame(fn: () => void): void;
};

/**
 * The prices as last heard. Subscribers are called once per frame, and only for prices that changed.
 * Pure: the caller brings the time, in ms of any clock that never goes back.
 */
export function createStore({ staleAfterMs, nextFrame }: StoreOptions) {
  const entries = new Map<string, Entry>();
  const perAsset = new Map<string, Listeners<Price>>();
  const overall = createListeners<readonly Price[]>();
  const changed = new Map<string, Price>();
  /** Names that the application uses → ids, and back. */
  const ids = new Map<string, string>();
  const namesById = new Map<string, string[]>();
  let snapshot: ReadonlyMap<string, Price> | undefined;
  let newestAt: number | undefined;
  /** When the server last vouched for all that was fresh. */
  let allVouchedAt = Number.NEGATIVE_INFINITY;
  let awaitsFrame = false;

  const flush = () => {
    awaitsFrame = false;
    const values = [...changed.values()];
    changed.clear();
    for (const value of values) {
      perAsset.get(value.asset)?.call(value);
      for (const name of namesById.get(value.asset) ?? []) perAsset.get(name)?.call(value);
    }
    overall.call(values);
  };

  const idOf = (name: string): string => ids.get(name) ?? name;

  const mark = (value: Price) => {
    snapshot = undefined;
    changed.set(value.asset, value);
    if (awaitsFrame) return;
    awaitsFrame = true;
    nextFrame(flush);
  };

  const expire = (entry: Entry) => {
    if (entry.value.stale) return;
    entry.value = { ...entry.value, stale: true };
    mark(entry.value);
  };

  /** Nobody prices it any more: its subscribers hear of it once more, as old. */
  const drop = (asset: string) => {
    const entry = entries.get(asset);
    if (!entry) return;
    entries.delete(asset);
    mark({ ...entry.value, stale: true });
  };

  /** Dates a price by what the message tells, else by having seen it change just now. */
  const date = (entry: Entry, { ageMs, stale }: PriceNews, moved: boolean, now: number) => {
    if (ageMs !== undefined) entry.receivedAt = now - ageMs;
    else if (moved && !stale) entry.receivedAt = now;
    else return;
    newestAt = Math.max(newestAt ?? entry.receivedAt, entry.receivedAt);
  };

  const take = (news: PriceNews, continuous: boolean, now: number) => {
    const { asset, price, quote, stale } = news;
    const entry = entries.get(asset);
    if (!entry) {
      const first = { value: priceOf(news), vouchedAt: now, receivedAt: undefined };
      entries.set(asset, first);
      date(first, news, false, now);
      mark(first.value);
      return;
    }
    if (!stale) entry.vouchedAt = now;
    const { value } = entry;
    const moved = value.price !== price || value.quote !== quote;
    date(entry, news, moved && continuous, now);
    const next = priceOf(news);
    if (isSame(value, next)) return;
    entry.value = next;
    mark(next);
  };

  const learn = (name: string, id: string) => {
    if (ids.has(name) || name === id) return;
    ids.set(name, id);
    namesById.set(id, [...(namesById.get(id) ?? []), name]);
    const entry = entries.get(id);
    if (entry) mark(entry.value);
  };

  return {
    /**
     * Takes the prices of one message.
     * @param continuous the message follows another one of the same connection, so that a changed
     * price is a new one; after a gap it may have changed at any time
     */
    take({ news, absent, gone = [], names = {} }: PricesEvent, continuous: boolean, now: number) {
      for (const one of news) take(one, continuous, now);
      for (const asset of gone) drop(asset);
      if (absent !== "same" && news.length < entries.size) {
        const told = new Set(news.map(({ asset }) => asset));
        for (const [asset, entry] of entries) {
          if (told.has(asset)) continue;
          if (absent === "gone") drop(asset);
          else expire(entry);
        }
      }
      for (const [name, id] of Object.entries(names)) learn(name, id);
    },

    /** The server says that nothing else has changed: what was fresh still is. */
    vouch(now: number) {
      allVouchedAt = now;
    },

    /** The server told how old its newest price is. */
    dateNewest(receivedAt: number) {
      newestAt = receivedAt;
    },

    /** Nobody vouches for any price: all are stale until they are told anew. */
    expireAll() {
      for (const entry of entries.values()) expire(entry);
    },

    /** Marks what has become stale by time. */
    sweep(now: number) {
      if (now - allVouchedAt <= staleAfterMs) return;
      for (const entry of entries.values()) if (now - entry.vouchedAt > staleAfterMs) expire(entry);
    },

    get: (asset: string): Price | undefined => entries.get(idOf(asset))?.value,

    /** The same map until one changes. */
    all(): ReadonlyMap<string, Price> {
      snapshot ??= new Map([...entries].map(([asset, { value }]) => [asset, value]));
      return snapshot;
    },

    /** When the server had received the price of `asset`, or the newest of all. */
    receivedAt: (asset?: string): number | undefined =>
      asset === undefined ? newestAt : entries.get(idOf(asset))?.receivedAt,

    subscribe(asset: string, fn: (price: Price) => void): () => void {
      const listeners = perAsset.get(asset) ?? createListeners<Price>();
      perAsset.set(asset, listeners);
      const undo = listeners.add(fn);
      return () => {
        undo();
        if (listeners.size() === 0 && perAsset.get(asset) === listeners) perAsset.delete(asset);
      };
    },

    subscribeAll: (fn: (changed: readonly Price[]) => void): (() => void) => overall.add(fn),
  };
}

const priceOf = ({
  asset,
  price,
  quote,
  derivedFrom,
  thin,
  stale,
  change24h,
  source,
}: PriceNews): Price => ({
  asset,
  price,
  quote,
  derivedFrom,
  thin,
  stale,
  change24h,
  source,
});

const isSame = (a: Price, b: Price): boolean =>
  a.price === b.price &&
  a.quote === b.quote &&
  a.derivedFrom === b.derivedFrom &&
  a.thin === b.thin &&
  a.stale === b.stale &&
  a.change24h === b.change24h &&
  a.source === b.source;
