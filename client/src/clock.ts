/** Time as the stream sees it: passed in, so that tests can have their own. */
export type Clock = {
  /** Elapsed milliseconds since some moment: only differences mean something. Never goes back. */
  now(): number;
  /** Calls `fn` once after `ms`. Returns its undo. */
  after(ms: number, fn: () => void): () => void;
};

/** The wall clock running ahead of the monotonic one by more than this is time slept, ms. */
const SLEPT_MS = 1000;

/**
 * Time elapsed on this device, sleep included. Many systems stop the monotonic clock in sleep, which
 * would make an old price look young on waking; the wall clock tells how long it was. Setting the
 * wall clock forward looks like sleep, so a price may be taken for older than it is, never younger.
 */
export function systemClock(): Clock {
  let ahead = Date.now() - performance.now();
  let sleptMs = 0;
  return {
    now() {
      const steady = performance.now();
      const jump = Date.now() - steady - ahead;
      if (Math.abs(jump) > SLEPT_MS) {
        ahead += jump;
        sleptMs += Math.max(0, jump);
      }
      return steady + sleptMs;
    },
    after(ms, fn) {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** Calls `fn` every `ms` until undone. */
export function every(clock: Clock, ms: number, fn: () => void): () => void {
  let cancel = clock.after(ms, function again() {
    cancel = clock.after(ms, again);
    fn();
  });
  return () => cancel();
}
