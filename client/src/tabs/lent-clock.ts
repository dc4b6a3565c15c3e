import type { Clock } from "../clock.ts";

/**
 * A clock whose timers also run when `catchUp` is called. A browser holds back the timers of a hidden
 * tab for up to a minute, but not what others tell it: so a tab that is looked at lends its time to the
 * hidden one that has the connection.
 */
export function lentClock(clock: Clock) {
  const timers = new Set<{ dueAt: number; run(): void }>();
  return {
    now: clock.now,
    after(ms: number, fn: () => void): () => void {
      const timer = {
        dueAt: clock.now() + ms,
        run() {
          if (timers.delete(timer)) fn();
        },
      };
      timers.add(timer);
      const cancel = clock.after(ms, timer.run);
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
    /** Calls what is due by now. */
    catchUp() {
      for (const timer of timers) if (timer.dueAt <= clock.now()) timer.run();
    },
  };
}
