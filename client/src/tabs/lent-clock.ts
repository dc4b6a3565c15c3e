import type { Clock } from "../clock.ts";

/**
 * A clock whose timers also run when `catchUp` is called. A browser holds back the timers of a hidden
 * tab for up to a minute, but not what others tell it: so a tab that is looked at lends its time to the
 * hidden one that holds the connection.
 */
export function lentClock(clock: Clock) {
  const timers = new Set<{ dueAt: number; run(): void }>();
  return {
    now: clock.now,
    after(ms: number, fn: () => void): () => void {
      const timer = {
        dueAt: clock.now() + ms,
        run() {
          cancel();
          fn();
        },
      };
      const cancelOwn = clock.after(ms, timer.run);
      const cancel = () => {
        timers.delete(timer);
        cancelOwn();
      };
      timers.add(timer);
      return cancel;
    },
    /** Calls what is due by now. */
    catchUp() {
      for (const timer of [...timers]) {
        if (timers.has(timer) && timer.dueAt <= clock.now()) timer.run();
      }
    },
  };
}
