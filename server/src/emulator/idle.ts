import type { Clock } from "../clock.ts";

/** Watches one connection for idleness. */
export type IdleTimer = {
  /** Something came or went. */
  touch(): void;
  stop(): void;
};

/** Calls `expire` once, when nothing has happened for `ms`. */
export function idleTimer(clock: Clock, ms: number, expire: () => void): IdleTimer {
  let touchedAt = clock.now();
  let cancel = clock.after(ms, function look() {
    const leftMs = touchedAt + ms - clock.now();
    if (leftMs > 0) cancel = clock.after(leftMs, look);
    else expire();
  });
  return {
    touch() {
      touchedAt = clock.now();
    },
    stop: () => cancel(),
  };
}
