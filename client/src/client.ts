import { createLink, type Transports } from "./link.ts";
import { createMirror, type Price } from "./mirror.ts";
import { resolveOptions, type StreamOptions } from "./options.ts";
import { createShown } from "./shown.ts";
import type { Diagnostics, StreamStatus } from "./status.ts";
import { createLedger } from "./v1/ledger.ts";
import { overV1 } from "./v1/transport.ts";

export type PriceStream = {
  /**
   * Calls `fn` when the price of `asset` changes, at most once per frame.
   * @param asset id or symbol; a stream with a list of assets asks the server for it. `"*"` asks for all
   * there are, which `subscribeAll` tells of
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
  const { WebSocket, interval } = settings;
  const shown = createShown(settings, () => link.wish());
  const { wish, store } = shown;
  const mirror = createMirror();
  const held = { mirror, ledger: createLedger(wish, interval) };

  const transports: Transports = {
    v1: () => overV1(WebSocket, held),
    plain: () =>
      import("./plain/transport.ts").then(({ overPlain }) => overPlain(WebSocket, wish, store.all)),
    sse: () => import("./sse.ts").then(({ overSse }) => overSse(held, wish, interval)),
  };

  const link = createLink(settings, transports, shown);
  return Object.assign(shown.stream, {
    diagnostics: () => ({ ...link.figures, ...mirror.position() }),
    ping: link.ask,
    retry: link.retry,
    close: link.close,
  });
}
