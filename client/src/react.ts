import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { createPriceStream, type PriceStream, type StreamStatus } from "./client.ts";
import type { Price } from "./events.ts";
import { PRICES_PATH } from "./protocol.ts";

/** The price of one asset. Renders again only when it changes. */
export function usePrice(stream: PriceStream, asset: string): Price | undefined {
  const subscribe = useCallback((fn: () => void) => stream.subscribe(asset, fn), [stream, asset]);
  return useSyncExternalStore(subscribe, () => stream.get(asset), nothing);
}

/** How the stream is doing. Renders again only when it changes. */
export function useStreamStatus(stream: PriceStream): StreamStatus {
  const status = () => stream.status;
  return useSyncExternalStore(stream.onStatus, status, status);
}

export type UsePriceWebSocketOptions = {
  /** Default `/ws/prices` on the page's own host. */
  url?: string | undefined;
  /** Whether to come back after the connection is lost. Default true. */
  autoReconnect?: boolean | undefined;
  /** Default 10. */
  maxReconnectAttempts?: number | undefined;
  /** Longest wait before the first attempt, ms. Default 1000. */
  reconnectDelay?: number | undefined;
  onPriceUpdate?: ((prices: Readonly<Record<string, string>>) => void) | undefined;
  onStatusChange?: ((status: PriceWebSocketStatus) => void) | undefined;
  /** Tells the story of the connection on the console. Default false. */
  verbose?: boolean | undefined;
};

export type PriceWebSocketStatus = StreamStatus & {
  /** Fresh prices come. */
  isConnected: boolean;
  isConnecting: boolean;
  pricesCached: number;
  /** When the server received the newest price, by this device's clock; for display. */
  lastUpdate: Date | null;
  /** Why there are no fresh prices; null while there are, or while connecting first. */
  error: string | null;
  reconnectAttempt: number;
};

/**
 * Every price of a stream of its own: connects when mounted, closes when unmounted. Renders with
 * each update; for a long list use one `createPriceStream` and `usePrice` in each row.
 */
export function usePriceWebSocket(options: UsePriceWebSocketOptions = {}) {
  const { url = PRICES_PATH, autoReconnect = true, reconnectDelay, verbose } = options;
  const maxReconnectAttempts = autoReconnect ? options.maxReconnectAttempts : 0;
  const [stream, setStream] = useState<PriceStream>();
  const [wanted, setWanted] = useState(true);
  const callbacks = useRef(options);
  useEffect(() => {
    callbacks.current = options;
  });

  useEffect(() => {
    if (!wanted) return;
    const created = createPriceStream({ url, maxReconnectAttempts, reconnectDelay, verbose });
    setStream(created);
    return () => created.close();
  }, [wanted, url, maxReconnectAttempts, reconnectDelay, verbose]);

  const all = useSyncExternalStore(
    stream?.subscribeAll ?? never,
    stream?.all ?? noPrices,
    noPrices,
  );
  const streamStatus = useSyncExternalStore(
    stream?.onStatus ?? never,
    () => stream?.status ?? IDLE,
    () => IDLE,
  );
  const prices = useMemo((): Readonly<Record<string, string>> => {
    const rows = [...all.values()].map(({ asset, price }) => [asset, price] as const);
    return Object.fromEntries(rows);
  }, [all]);
  const stale = useMemo((): ReadonlySet<string> => {
    return new Set([...all.values()].filter((price) => price.stale).map(({ asset }) => asset));
  }, [all]);
  const status = useMemo(
    () => describe(streamStatus, all.size, stream?.ageMs() ?? null),
    [streamStatus, all, stream],
  );

  useEffect(() => {
    if (Object.keys(prices).length > 0) callbacks.current.onPriceUpdate?.(prices);
  }, [prices]);
  // Not with each price, though each changes `lastUpdate`.
  const told = useRef<StreamStatus>(undefined);
  useEffect(() => {
    if (told.current === streamStatus) return;
    told.current = streamStatus;
    callbacks.current.onStatusChange?.(status);
  }, [streamStatus, status]);

  return {
    /** Asset id → decimal price, old ones included: see `stale`. */
    prices,
    /** Ids whose price is old: don't show them as live. All of them while not connected. */
    stale,
    status,
    connect: useCallback(() => {
      setWanted(true);
      stream?.retry();
    }, [stream]),
    disconnect: useCallback(() => setWanted(false), []),
    /** The price by asset id, in any case. */
    getPrice: useCallback((asset: string) => stream?.get(asset.toLowerCase())?.price, [stream]),
    isConnected: status.isConnected,
    isConnecting: status.isConnecting,
  };
}

/** Before the first connection, and on a server that renders the page. */
const IDLE: StreamStatus = {
  state: "connecting",
  reason: "Not connected yet.",
  attempt: 0,
  maxAttempts: 0,
  source: null,
  label: "none",
};

const EMPTY: ReadonlyMap<string, Price> = new Map();
const noPrices = () => EMPTY;
const nothing = () => undefined;
const never = () => nothing;

function describe(
  status: StreamStatus,
  pricesCached: number,
  ageMs: number | null,
): PriceWebSocketStatus {
  const { state, reason, attempt } = status;
  const isConnected = state === "live";
  const isConnecting = state === "connecting" || state === "reconnecting";
  const isFine = isConnected || state === "connecting" || state === "closed";
  return {
    ...status,
    isConnected,
    isConnecting,
    pricesCached,
    lastUpdate: ageMs === null ? null : new Date(Date.now() - ageMs),
    error: isFine ? null : reason,
    reconnectAttempt: attempt,
  };
}
