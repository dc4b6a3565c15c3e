import { type Clock, every } from "../clock.ts";

/**
 * More clients than these are not written to in one go: ten thousand writes would hold the event loop
 * for a tenth of a second, and with it the feed.
 */
const SLOT_SIZE = 400;
/** Clients of each tick are looked after this often where nothing changes, ms. */
const QUIET_TURN_MS = 1000;
/** After serving each tick for some time, a loop rests this many times as long. */
const REST = 4;

/** A part of a loop's clients, served at a time of its own within the interval. */
export type Slot<Group> = {
  groups: Map<string, Group>;
  /** Clients in all its groups. */
  size: number;
  /** Clients that its last turn reached. */
  reached: number;
  /** To be called when nobody is left in it. */
  close(): void;
};

/** All clients of one interval. Runs exactly while it has any. */
export type Loop<Group> = ReturnType<typeof createLoop<Group>>;

/**
 * Serves clients every `intervalMs`, or with 0 soon after `tick` is called: whatever has changed by the
 * next turn of the event loop comes as one, and many clients of each tick never take more than a part of
 * the time. Clients are spread over slots, and the slots over the interval, so that never many are
 * written to at once.
 */
export function createLoop<Group>(
  intervalMs: number,
  clock: Clock,
  serve: (slot: Slot<Group>) => void,
) {
  const startedAt = clock.now();
  const slots = new Map<number, Slot<Group>>();

  const repeat = (index: number, run: () => void): (() => void) => {
    if (intervalMs === 0) return every(clock, QUIET_TURN_MS, run);
    const phase = startedAt + spread(index) * intervalMs;
    const openedAt = clock.now();
    const missed = Math.max(0, Math.ceil((openedAt - phase) / intervalMs));
    let due = phase + missed * intervalMs;
    let cancel = clock.after(due - openedAt, function again() {
      const now = clock.now();
      due = Math.max(due + intervalMs, now);
      cancel = clock.after(due - now, again);
      run();
    });
    return () => cancel();
  };

  const openSlot = (): Slot<Group> => {
    let index = 0;
    while (slots.has(index)) index++;
    const stop = repeat(index, () => serve(slot));
    const slot = {
      groups: new Map<string, Group>(),
      size: 0,
      reached: 0,
      close() {
        stop();
        slots.delete(index);
      },
    };
    slots.set(index, slot);
    return slot;
  };

  let cancelRound: (() => void) | undefined;
  let hasChanged = false;
  let restUntil = 0;

  const startRound = () => {
    hasChanged = false;
    let spentMs = 0;
    const waiting = [...slots.values()];
    const next = () => {
      const slot = waiting.shift();
      if (slot) {
        const startedAt = clock.now();
        serve(slot);
        spentMs += clock.now() - startedAt;
        cancelRound = clock.soon(next);
        return;
      }
      cancelRound = undefined;
      restUntil = clock.now() + REST * spentMs;
      if (hasChanged) tick();
    };
    next();
  };

  const tick = () => {
    hasChanged = true;
    if (cancelRound || slots.size === 0) return;
    const rest = restUntil - clock.now();
    cancelRound = rest > 0 ? clock.after(rest, startRound) : clock.soon(startRound);
  };

  return {
    /** The slot that a client of the group `key` joins. */
    seat(key: string): Slot<Group> {
      let seat: Slot<Group> | undefined;
      for (const slot of slots.values()) {
        if (slot.size >= SLOT_SIZE) continue;
        if (slot.groups.has(key)) return slot;
        seat ??= slot;
      }
      return seat ?? openSlot();
    },

    /** Something has changed: clients of each tick are to be told. */
    tick,

    slots: (): Iterable<Slot<Group>> => slots.values(),
    isEmpty: () => slots.size === 0,

    close() {
      cancelRound?.();
      for (const slot of slots.values()) slot.close();
    },
  };
}

/**
 * Place of the n-th slot in the interval, 0 to 1: each falls into the middle of the widest gap, so that
 * no slot ever has to move (van der Corput sequence: 0, 1/2, 1/4, 3/4, 1/8, …).
 */
function spread(n: number): number {
  let place = 0;
  for (let rest = n, half = 0.5; rest > 0; rest >>= 1, half /= 2) if (rest & 1) place += half;
  return place;
}
