import { useEffect, useMemo, useRef, useState } from "react";
import type { Price, PriceStream, StreamStatus } from "../index.ts";
import { PRICES_PATH } from "../protocol.ts";
import { IDLE } from "../status.ts";
import { useOwnStream } from "./own-stream.ts";

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
  const [isWanted, want] = useState(true);
  const [stream, setStream] = useState<PriceStream>();
  const [view, setView] = useState(() => viewOf([], IDLE, null));
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  const { url = PRICES_PATH, autoReconnect, ...others } = options;
  const attempts = autoReconnect === false ? { maxReconnectAttempts: 0 } : {};
  useOwnStream(isWanted && { ...others, url, ...attempts }, (own) => {
    const show = () => {
      const next = viewOf([...own.all().values()], own.status, own.ageMs());
      setView(next);
      return next;
    };
    const tell = () => {
      const { status } = show();
      latest.current.onStatusChange?.(status);
    };
    setStream(own);
    own.onStatus(tell);
    tell();
    return own.subscribeAll(() => {
      const { prices } = show();
      latest.current.onPriceUpdate?.(prices);
    });
  });

  const actions = useMemo(() => {
    const asked = new Set<string>();
    return {
      connect() {
        want(true);
        stream?.retry();
      },
      disconnect: () => want(false),
      /**
       * The price by id or symbol, in any case. A symbol that was not asked for yet has one with a later
       * update, once the server has told whose it is.
       */
      getPrice(asset: string): string | undefined {
        const name = asset.toLowerCase();
        const price = stream?.get(name)?.price;
        if (price === undefined && stream?.status.state === "live" && !asked.has(name)) {
          asked.add(name);
          stream.subscribe(name, () => {});
        }
        return price;
      },
    };
  }, [stream]);
  return { ...view, ...actions };
}

function viewOf(all: readonly Price[], streamStatus: StreamStatus, ageMs: number | null) {
  const { state, reason, attempt } = streamStatus;
  const prices: Readonly<Record<string, string>> = Object.fromEntries(
    all.map((price) => [price.asset, price.price]),
  );
  const stale: ReadonlySet<string> = new Set(
    all.filter((price) => price.stale).map((price) => price.asset),
  );
  const flags = {
    /** Fresh prices come. */
    isConnected: state === "live",
    isConnecting: state.endsWith("connecting"),
  };
  const status: PriceWebSocketStatus = {
    ...streamStatus,
    ...flags,
    pricesCached: all.length,
    lastUpdate: ageMs === null ? null : new Date(Date.now() - ageMs),
    error: ["live", "connecting", "closed"].includes(state) ? null : reason,
    reconnectAttempt: attempt,
  };
  return {
    /** Asset id → decimal price, old ones included: see `stale`. */
    prices,
    /** Ids whose price is old: don't show them as live. All of them while not connected. */
    stale,
    status,
    ...flags,
  };
}
