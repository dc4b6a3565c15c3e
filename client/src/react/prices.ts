import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { PriceStream, StreamStatus } from "../client.ts";
import type { Price } from "../mirror.ts";
import { usePriceStream } from "./provider.ts";

/** The price of one asset, by id or symbol. Renders again only when it changes. */
export function usePrice(asset: string): Price | undefined {
  const stream = usePriceStream();
  const subscribe = useCallback(
    (fn: () => void) => stream?.subscribe(asset, fn) ?? nothing,
    [stream, asset],
  );
  return useSyncExternalStore(subscribe, () => stream?.get(asset), nothing);
}

/** The prices of these assets, by the names given. The same map until one changes. */
export function usePrices(assets: readonly string[]): ReadonlyMap<string, Price> {
  const stream = usePriceStream();
  const names = assets.join();
  const [subscribe, read] = useMemo(() => watch(stream, names.split(",")), [stream, names]);
  return useSyncExternalStore(subscribe, read, noPrices);
}

function watch(stream: PriceStream | undefined, names: readonly string[]) {
  let prices = noPrices();
  const subscribe = (fn: () => void) => {
    // One call a frame is enough: `subscribe` only asks for them.
    const undos = stream
      ? [stream.subscribeAll(fn), ...names.map((name) => stream.subscribe(name, nothing))]
      : [];
    return () => {
      for (const undo of undos) undo();
    };
  };
  const read = () => {
    const next = new Map<string, Price>();
    for (const name of names) {
      const price = stream?.get(name);
      if (price) next.set(name, price);
    }
    if (names.some((name) => next.get(name) !== prices.get(name))) prices = next;
    return prices;
  };
  return [subscribe, read] as const;
}

/** How the stream is doing. Renders again only when it changes. */
export function useStreamStatus(): StreamStatus {
  const stream = usePriceStream();
  return useSyncExternalStore(
    stream?.onStatus ?? never,
    () => stream?.status ?? IDLE,
    () => IDLE,
  );
}

/** Before the first connection, and on a server that renders the page. */
export const IDLE: StreamStatus = {
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
