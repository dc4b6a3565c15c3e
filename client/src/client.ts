import type { DataKind } from "./events.ts";
import { createLink, type LinkStatus, type Transports } from "./link.ts";
import { createListeners } from "./listeners.ts";
import { createMirror, type Price } from "./mirror.ts";
import { resolveOptions, type StreamOptions } from "./options.ts";
import { createStore, isSame } from "./store.ts";
import type { TransportName, Wish } from "./transport.ts";
import { createLedger } from "./v1/ledger.ts";
import { overV1 } from "./v1/transport.ts";

/** What subscribers ask for is gathered for this long, so that it never is a flood, ms. */
const GATHER_MS = 120;

/** How the stream is doing. Replaced as a whole when anything in it changes. */
export type StreamStatus = LinkStatus & {
  readonly maxAttempts: number;
  /** The source that speaks for most assets, as last heard; null before. */
  readonly source: string | null;
  /** `demo` and `replay`: the prices are not the live market, and must be labelled so. */
  readonly label: DataKind;
};

/** Figures of a stream, since it was created or of its present connection. */
export type Diagnostics = {
  /** Where it connects; empty until a provider has told it. */
  url: string;
  /** How it speaks: `v1`, `plain`, or `sse` (server-sent events). */
  transport: TransportName;
  isOpen: boolean;
  /** From the attempt's begin until the connection stood, ms. */
  handshakeMs: number | null;
  /** How long the server took for its last answer to `ping`, ms. */
  latencyMs: number | null;
  lastError: string | null;
  /** Received on all connections. */
  messages: number;
  /** Characters in them, inflated. */
  bytes: number;
  /** Messages, or prices in messages, that were of no use. */
  ignored: number;
  /** Where it would resume. */
  epoch: string | null;
  seq: number | null;
};

export type PriceStream = {
  /**
   * Calls `fn` when the price of `asset` changes, at most once per frame.
   * @param asset id or symbol; a stream with a list of assets asks the server for it
   * @returns the undo
   */
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
  diagnostics(): Diagnostics;
  /** Calls `fn` with each line of the connection's story. Returns the undo. */
  onLog(fn: (line: string) => void): () => void;
  /** Asks the server for a sign of life: `latencyMs` tells how long it took. */
  ping(): void;
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
  const { clock, verbose, interval, WebSocket, maxReconnectAttempts: maxAttempts } = settings;
  const store = createStore(settings.nextFrame);
  const mirror = createMirror();
  const statusListeners = createListeners<StreamStatus>();
  const logListeners = createListeners<string>();
  /** Names that subscribers use → how many do. */
  const wanted = new Map<string, number>();
  let cancelGathering: (() => void) | undefined;
  let source: string | null = null;
  let label: DataKind = "none";
  const received = { messages: 0, bytes: 0, ignored: 0 };

  const wish = (): Wish => {
    const { assets } = settings;
    const names = new Set(wanted.keys());
    return { assets: assets === "*" ? "*" : new Set([...assets, ...names]), names, interval };
  };
  const held = { mirror, ledger: createLedger(wish) };

  const transports: Transports = {
    v1: () => overV1(WebSocket, held),
    plain: () => import("./plain/transport.ts").then(({ overPlain }) => overPlain(WebSocket, wish)),
    sse: () => import("./sse.ts").then(({ overSse }) => overSse(held, wish)),
  };

  const link = createLink(settings, transports, {
    event(event) {
      const now = clock.now();
      label = event.label;
      source = event.source ?? source;
      if (event.news) store.take(event.news, now);
      if (event.newestAgeMs !== undefined) store.dateNewest(now - event.newestAgeMs);
    },
    received(length) {
      received.messages++;
      received.bytes += length;
    },
    ignored(count) {
      received.ignored += count;
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
      logListeners.call(text);
    },
  });

  const compose = (): StreamStatus => ({ ...link.status(), maxAttempts, source, label });
  let status = compose();
  link.start();

  const want = (asset: string, change: 1 | -1) => {
    const users = (wanted.get(asset) ?? 0) + change;
    if (users > 0) wanted.set(asset, users);
    else wanted.delete(asset);
    if (status.state === "closed") return;
    cancelGathering ??= clock.after(GATHER_MS, () => {
      cancelGathering = undefined;
      link.wish();
    });
  };

  return {
    subscribe(asset, fn) {
      if (typeof fn !== "function") throw new TypeError("subscribe(asset, fn): fn is no function");
      const undo = store.subscribe(asset, fn);
      let isOver = false;
      want(asset, 1);
      return () => {
        if (isOver) return;
        isOver = true;
        undo();
        want(asset, -1);
      };
    },
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
    diagnostics() {
      const { epoch = null, seq = null } = mirror.position() ?? {};
      return { ...link.figures(), ...received, epoch, seq };
    },
    onLog: logListeners.add,
    ping: link.ask,
    retry: link.retry,
    close() {
      cancelGathering?.();
      link.close();
    },
  };
}
