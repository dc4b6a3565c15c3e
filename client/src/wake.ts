const LOOPBACK = /^wss?:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$)/i;

/** Whether the device says that it has no network, and needs one to reach `url`. */
export function isOffline(url: string): boolean {
  return globalThis.navigator?.onLine === false && !LOOPBACK.test(url);
}

/**
 * Calls `fn` when the device loses its network or gets it back, or the page is looked at again: timers
 * may have stood still until then. Does nothing where there are no such events. Returns its undo.
 */
export function onWake(fn: () => void): () => void {
  const end = new AbortController();
  const { signal } = end;
  const on = globalThis.addEventListener;
  for (const type of ["online", "offline", "pageshow"]) on?.(type, fn, { signal });
  const ifVisible = () => document.visibilityState === "visible" && fn();
  globalThis.document?.addEventListener("visibilitychange", ifVisible, { signal });
  return () => end.abort();
}
