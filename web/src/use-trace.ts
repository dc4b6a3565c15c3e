import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import type { History, Trace } from "./history.ts";

const NONE: History = { read: () => undefined, subscribe: () => () => {}, turn: () => 0 };

export const HistoryContext = createContext<History>(NONE);

/** The last minutes of an asset. Renders again every few seconds. */
export function useTrace(asset: string): Trace | undefined {
  const history = useContext(HistoryContext);
  const turn = useSyncExternalStore(history.subscribe, history.turn);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn is another trace
  return useMemo(() => history.read(asset), [history, asset, turn]);
}
