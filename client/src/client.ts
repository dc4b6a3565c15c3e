import { every } from "./clock.ts";
import { createLink, type LinkStatus } from "./link.ts";
import { createListeners } from "./listeners.ts";
import { resolveOptions, type StreamOptions } from "./options.ts";
import type { DataKind } from "./plain.ts";
import { createStore, type Price } from "./store.ts";

/** Prices that became stale by time alone are looked for this often, ms. */
const SWEEP_MS = 1000;

/** How the stream is doing. Replaced as a whole when anything in it changes. */
export type StreamStatus = LinkStatus & {
  readonly maxAttempts: number;
  /** The source that speaks for most assets, as last heard; null before. */
  readonly source: string | null;
  /** `demo` and `replay`: the prices are not the live market, and must be labelled so. */
  readonly label: DataKind;
};

export type PriceStream = {
  /** Calls `fn` when the price of `asset` changes, at most once per frame. Returns the undo. */
  subscribe(asset: string, fn: (price: Price) => void): () => void;
  /** Calls `fn` with all prices that changed, at most once per frame. Returns the undo. */
  subscribeAll(fn: (changed: readonly Price[]) => void): () => void;
  /** The price as last heard. `stale` tells whether it may be shown as live. */
  get(asset: string): Price | undefined;
  /** Every price as last heard, by asset. The same map until one changes. */
  all(): ReadonlyMap<string, Price>;
  readonly status: StreamStatus;
  /** Calls `fn` with each new status. Returns the undo. */
  onStatus(fn: (status: StreamStatus) => void): () => void;
  /**
   * How long ago the server received the price of `asset` (without one: the newest of all) from an
   * exchange, ms; null while unknown. From the server's own times and the time passed here since,
   * never by comparing the two clocks. Where a message tells no time, a price counts from the
   * moment it was seen to change: right to the interval of the stream.
   */
  ageMs(asset?: string): number | null;
  /** How many messages, or prices in messages, were of no use and ignored. */
  readonly ignored: number;
  /** Tries at once: anew after `failed`, ahead of time while waiting for an attempt. */
  retry(): void;
  /** Ends the stream for good. Its prices stay readable, as stale ones. */
  close(): void;
};

/**
 * Connects to a price stream and keeps connected.
 * @param options the URL, or an object with it; relative URLs belong to the page
 * @throws Error if the options cannot be used
 */
export function createPriceStream(options: string | StreamOptions): PriceStream {
  const settings = resolveOptions(options);
  const { clock, verbose, maxReconnectAttempts: maxAttempts } = settings;
  const store = createStore(settings);
  const statusListeners = createListeners<StreamStatus>();
  let source: string | null = null;
  let label: DataKind = "none";
  let ignored = 0;

  const link = createLink(settings, {
    event(event, first) {
      const now = clock.now();
      label = event.label;
      if (event.kind === "prices") {
        source = event.source || source;
        store.take(event.news, { complete: event.complete, continuous: !first, now });
      } else if (event.kind === "unchanged") {
        store.vouch(now);
      } else if (event.kind === "server") {
        source = event.source ?? source;
        if (event.ageMs !== undefined) store.dateNewest(now - event.ageMs);
      }
    },
    ignored(count) {
      ignored += count;
    },
    changed() {
      const next = compose();
      if (isSame(status, next)) return;
      status = next;
      // Before anyone hears of it: nobody vouches for a price while the stream is not live.
      if (next.state !== "live") store.expireAll();
      statusListeners.call(next);
    },
    log(text) {
      if (verbose) console.log(`[PriceWebSocket] ${text}`);
    },
  });

  const compose = (): StreamStatus => ({ ...link.status(), maxAttempts, source, label });
  let status = compose();
  const stopSweeps = every(clock, SWEEP_MS, () => store.sweep(clock.now()));
  link.start();

  return {
    subscribe: store.subscribe,
    subscribeAll: store.subscribeAll,
    get: store.get,
    all: store.all,
    get status() {
      return status;
    },
    onStatus: statusListeners.add,
    ageMs(asset) {
      const receivedAt = store.receivedAt(asset);
      return receivedAt === undefined ? null : Math.max(0, clock.now() - receivedAt);
    },
    get ignored() {
      return ignored;
    },
    retry: link.retry,
    close() {
      stopSweeps();
      link.close();
    },
  };
}

const isSame = (a: StreamStatus, b: StreamStatus): boolean =>
  a.state === b.state &&
  a.reason === b.reason &&
  a.attempt === b.attempt &&
  a.nextAttemptInMs === b.nextAttemptInMs &&
  a.source === b.source &&
  a.label === b.label;
