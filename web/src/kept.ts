import { useSyncExternalStore } from "react";

/** A value that outlives the page, in the browser's storage; where that is closed, in memory only. */
export type Kept<Value> = {
  get(): Value;
  set(value: Value): void;
  /** Calls `fn` when it changes, be it in another tab. Returns the undo. */
  subscribe(fn: () => void): () => void;
};

/** @param read makes a value of whatever is in the storage: null at first, and anybody may write there */
export function createKept<Value>(name: string, read: (stored: unknown) => Value): Kept<Value> {
  const key = `cryptovault.${name}`;
  const listeners = new Set<() => void>();
  let value = read(load(key));

  const change = (next: Value) => {
    value = next;
    for (const listener of listeners) listener();
  };

  addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) change(read(load(key)));
  });

  return {
    get: () => value,
    set(next) {
      store(key, next);
      change(next);
    },
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  };
}

export const useKept = <Value>(kept: Kept<Value>): Value =>
  useSyncExternalStore(kept.subscribe, kept.get);

function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function store(key: string, value: unknown) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {}
}
