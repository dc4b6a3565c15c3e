import { type Clock, manualClock, systemClock } from "../../src/clock.ts";

/** A clock that a run moves, for the pace of clients. Turns of the event loop are real. */
export function paceClock(start: number) {
  const clock = manualClock(start);
  const pending = new Set<() => void>();
  const counted = (schedule: (fn: () => void) => () => void, fn: () => void) => {
    const cancel = schedule(() => {
      pending.delete(undo);
      fn();
    });
    const undo = () => {
      pending.delete(undo);
      cancel();
    };
    pending.add(undo);
    return undo;
  };
  const paced: Clock = {
    now: clock.now,
    after: (ms, fn) => counted((run) => clock.after(ms, run), fn),
    soon: (fn) => counted(systemClock.soon, fn),
  };
  return {
    ...paced,
    move: (ms: number) => clock.advanceTo(clock.now() + ms),
    /** Timers that have not run yet. */
    pending: () => pending.size,
  };
}

/** A clock that goes on by 1 ms whenever it is read: who reads it twice has two times. */
export function restlessClock(start: number) {
  let now = start;
  return {
    now: () => now++,
    move(ms: number) {
      now += ms;
    },
  };
}

/** The wall clock, so many times as fast. */
export function hastyClock(factor: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * factor,
    after: (ms, fn) => systemClock.after(ms / factor, fn),
    soon: systemClock.soon,
  };
}

export type PaceClock = ReturnType<typeof paceClock>;
export type RestlessClock = ReturnType<typeof restlessClock>;
