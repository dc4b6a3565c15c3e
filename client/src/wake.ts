const LOOPBACK = /^wss?:\/\/(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/i;

/** Whether the device says that it has no network, and needs one to reach `url`. */
export function isOffline(url: string): boolean {
  return typeof navigator !== "undefined" && navigator.onLine === false && !LOOPBACK.test(url);
}

/**
 * Calls `fn` when the device loses its network or gets it back, or the page is looked at again: timers
 * may have stood still until then. Does nothing where there are no such events. Returns its undo.
 */
export function onWake(fn: () => void): () => void {
  const ifVisible = () => {
    if (document.visibilityState === "visible") fn();
  };
  const undos = ["online", "offline", "pageshow"].map((type) => listen(globalThis, type, fn));
  if (typeof document !== "undefined") {
    undos.push(listen(document, "visibilitychange", ifVisible));
  }
  return () => {
    for (const undo of undos) undo();
  };
}

function listen(target: Partial<EventTarget>, type: string, fn: () => void): () => void {
  target.addEventListener?.(type, fn);
  return () => target.removeEventListener?.(type, fn);
}
