import { useMemo, useSyncExternalStore } from "react";
import type { Price, PriceStream, StreamStatus } from "../index.ts";
import { IDLE } from "../status.ts";
import { usePriceStream } from "./provider.ts";

/** The price of one asset, by id or symbol. Renders again only when it changes. */
export const usePrice = (asset: string): Price | undefined => useWatched(watchOne, asset, nothing);

/** The prices of these assets, by the names given. The same map until one changes. */
export const usePrices = (assets: readonly string[]): ReadonlyMap<string, Price> =>
  useWatched(watchSome, assets.join(), noPrices);

/** How the stream is doing. Renders again only when it changes. */
export const useStreamStatus = (): StreamStatus => useWatched(watchStatus, "", idle);

/** How to hear of a change, and how to read what is watched. */
type Watch<Value> = readonly [subscribe: (fn: () => void) => () => void, read: () => Value];

/** @param idle what there is without a stream: until the provider is mounted, and on a server */
function useWatched<Value>(
  watch: (stream: PriceStream, what: string) => Watch<Value>,
  what: string,
  idle: () => Value,
): Value {
  const stream = usePriceStream();
  const [subscribe, read] = useMemo(
    () => (stream ? watch(stream, what) : ([never, idle] as const)),
    [stream, watch, what, idle],
  );
  return useSyncExternalStore(subscribe, read, idle);
}

const watchOne = (stream: PriceStream, asset: string): Watch<Price | undefined> => [
  (fn) => stream.subscribe(asset, fn),
  () => stream.get(asset),
];

const watchStatus = (stream: PriceStream): Watch<StreamStatus> => [
  stream.onStatus,
  () => stream.status,
];

function watchSome(stream: PriceStream, list: string): Watch<ReadonlyMap<string, Price>> {
  const names = list.split(",");
  let prices = noPrices();
  return [
    (fn) => {
      // One call a frame is enough: `subscribe` only asks for them.
      const undos = [
        stream.subscribeAll(fn),
        ...names.map((name) => stream.subscribe(name, never)),
      ];
      return () => undos.map((undo) => undo());
    },
    () => {
      const next = new Map<string, Price>();
      for (const name of names) {
        const price = stream.get(name);
        if (price) next.set(name, price);
      }
      if (names.some((name) => next.get(name) !== prices.get(name))) prices = next;
      return prices;
    },
  ];
}

const idle = () => IDLE;
const EMPTY: ReadonlyMap<string, Price> = new Map();
const noPrices = () => EMPTY;
const nothing = () => undefined;
const never = () => () => {};
