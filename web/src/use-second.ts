import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let seconds = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for all that count, running only while anybody does. */
const subscribe = (fn: () => void) => {
  listeners.add(fn);
  timer ??= setInterval(() => {
    seconds++;
    for (const listener of listeners) listener();
  }, 1000);
  return () => {
    listeners.delete(fn);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

const read = () => seconds;

/** Renders again each second: for ages and countdowns. */
export const useSecond = (): number => useSyncExternalStore(subscribe, read);
