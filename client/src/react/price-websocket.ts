import { useEffect, useMemo, useRef, useState } from "react";
import { createPriceStream, type PriceStream, type StreamStatus } from "../client.ts";
import { PRICES_PATH } from "../protocol.ts";
import { IDLE } from "./prices.ts";

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
 * each update; for a long list use a `PriceStreamProvider`, and `usePrice` in each row.
 */
export function usePriceWebSocket(options: UsePriceWebSocketOptions = {}) {
  const { url = PRICES_PATH, autoReconnect = true, reconnectDelay, verbose } = options;
  const maxReconnectAttempts = autoReconnect ? options.maxReconnectAttempts : 0;
  const [isWanted, want] = useState(true);
  const [view, setView] = useState(() => viewOf(undefined));
  const stream = useRef<PriceStream>(undefined);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    if (!isWanted) return;
    const own = createPriceStream({ url, maxReconnectAttempts, reconnectDelay, verbose });
    stream.current = own;
    const show = () => {
      const next = viewOf(own);
      setView(next);
      return next;
    };
    const tell = () => {
      const { status } = show();
      latest.current.onStatusChange?.(status);
    };
    const undo = own.subscribeAll(() => {
      const { prices } = show();
      latest.current.onPriceUpdate?.(prices);
    });
    own.onStatus(tell);
    tell();
    return () => {
      own.close();
      undo();
    };
  }, [isWanted, url, maxReconnectAttempts, reconnectDelay, verbose]);

  const actions = useMemo(
    () => ({
      connect() {
        want(true);
        stream.current?.retry();
      },
      disconnect: () => want(false),
      /** The price by asset id, in any case. */
      getPrice: (asset: string) => stream.current?.get(asset.toLowerCase())?.price,
    }),
    [],
  );
  const { isConnected, isConnecting } = view.status;
  return { ...view, ...actions, isConnected, isConnecting };
}

function viewOf(stream: PriceStream | undefined) {
  const all = [...(stream?.all().values() ?? [])];
  const { state, reason, attempt } = stream?.status ?? IDLE;
  const ageMs = stream?.ageMs() ?? null;
  const isConnected = state === "live";
  const isConnecting = state === "connecting" || state === "reconnecting";
  const isFine = isConnected || state === "connecting" || state === "closed";
  const prices: Readonly<Record<string, string>> = Object.fromEntries(
    all.map(({ asset, price }) => [asset, price]),
  );
  const stale: ReadonlySet<string> = new Set(
    all.filter((price) => price.stale).map(({ asset }) => asset),
  );
  const status: PriceWebSocketStatus = {
    ...(stream?.status ?? IDLE),
    isConnected,
    isConnecting,
    pricesCached: all.length,
    lastUpdate: ageMs === null ? null : new Date(Date.now() - ageMs),
    error: isFine ? null : reason,
    reconnectAttempt: attempt,
  };
  return {
    /** Asset id → decimal price, old ones included: see `stale`. */
    prices,
    /** Ids whose price is old: don't show them as live. All of them while not connected. */
    stale,
    status,
  };
}
