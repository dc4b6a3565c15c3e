/** Time as the stages see it: passed in, so that tests and replays can have their own. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `fn` once after `ms`. Returns its undo. */
  after(ms: number, fn: () => void): () => void;
  /** Calls `fn` once, in the next turn of the event loop. Returns its undo. */
  soon(fn: () => void): () => void;
};

/**
 * The wall clock, but it never goes back: where it is set back, time passes as before. Else each wait would
 * be longer by as much, and a dead exchange look alive for so long.
 * @param wall ms since 1970
 * @param steady ms since any moment; never goes back
 */
export function createSystemClock(wall = Date.now, steady = () => performance.now()): Clock {
  let ahead = Number.NEGATIVE_INFINITY;
  return {
    now() {
      const passed = steady();
      ahead = Math.max(ahead, wall() - passed);
      return Math.floor(ahead + passed);
    },
    after(ms, fn) {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    soon(fn) {
      const turn = setImmediate(fn);
      return () => clearImmediate(turn);
    },
  };
}

export const systemClock = createSystemClock();

/** A clock that can be held: all that happens within `fn` happens at one time. */
export type SteadyClock = Clock & { hold(fn: () => void): void };

export function steadyClock(clock: Clock): SteadyClock {
  let held: number | undefined;
  return {
    now: () => held ?? clock.now(),
    after: clock.after,
    soon: clock.soon,
    hold(fn) {
      held = clock.now();
      try {
        fn();
      } finally {
        held = undefined;
      }
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

/** No timer of a platform takes more, ms. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Calls `fn` once at `time`, however far that is. Returns its undo. */
export function at(clock: Clock, time: number, fn: () => void): () => void {
  let cancel = () => {};
  const wait = () => {
    const left = time - clock.now();
    cancel =
      left > LONGEST_WAIT_MS
        ? clock.after(LONGEST_WAIT_MS, wait)
        : clock.after(Math.max(0, left), fn);
  };
  wait();
  return () => cancel();
}

/** A clock that stands still until it is moved: for tests and for the pace of a replay. */
export type ManualClock = Clock & {
  /** Moves on to `time`, calling what falls due on the way, in order. */
  advanceTo(time: number): void;
};

/** Starts at `start`, ms since 1970. */
export function manualClock(start: number): ManualClock {
  let now = start;
  let timers: { due: number; fn: () => void }[] = [];

  const takeDue = (until: number) => {
    let next: (typeof timers)[number] | undefined;
    for (const timer of timers) {
      if (timer.due <= until && (next === undefined || timer.due < next.due)) next = timer;
    }
    if (next) timers = timers.filter((timer) => timer !== next);
    return next;
  };

  const after = (ms: number, fn: () => void) => {
    const timer = { due: now + ms, fn };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };

  return {
    now: () => now,
    after,
    soon: (fn) => after(0, fn),
    advanceTo(time) {
      for (let timer = takeDue(time); timer; timer = takeDue(time)) {
        now = Math.max(now, timer.due);
        timer.fn();
      }
      now = Math.max(now, time);
    },
  };
}
