import { type Clock, every } from "../clock.ts";

/**
 * More clients than these are not written to in one go: ten thousand writes would hold the event loop
 * for a tenth of a second, and with it the feed.
 */
const SLOT_SIZE = 400;
/** Slots of each tick look after quiet clients this often, ms. */
const TICK_REST_MS = 1000;

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
 * Serves clients every `intervalMs`, or with 0 whenever `tick` is called, at most once per turn of the
 * event loop. Its clients are spread over slots, and the slots over the interval, so that never many
 * are written to at once.
 */
export function createLoop<Group>(
  intervalMs: number,
  clock: Clock,
  serve: (slot: Slot<Group>) => void,
) {
  const startedAt = clock.now();
  const slots = new Map<number, Slot<Group> & { tick(): void }>();

  const repeat = (index: number, run: () => void): (() => void) => {
    if (intervalMs === 0) return every(clock, TICK_REST_MS, run);
    const phase = startedAt + spread(index) * intervalMs;
    const missed = Math.max(0, Math.ceil((clock.now() - phase) / intervalMs));
    let due = phase + missed * intervalMs;
    let cancel = clock.after(due - clock.now(), function again() {
      due = Math.max(due + intervalMs, clock.now());
      cancel = clock.after(due - clock.now(), again);
      run();
    });
    return () => cancel();
  };

  const openSlot = (): Slot<Group> => {
    let index = 0;
    while (slots.has(index)) index++;
    let cancelTick: (() => void) | undefined;
    const stop = repeat(index, () => serve(slot));
    const slot = {
      groups: new Map<string, Group>(),
      size: 0,
      reached: 0,
      tick() {
        cancelTick ??= clock.soon(() => {
          cancelTick = undefined;
          serve(slot);
        });
      },
      close() {
        stop();
        cancelTick?.();
        slots.delete(index);
      },
    };
    slots.set(index, slot);
    return slot;
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

    /** Something has changed: serves everybody in the next turn of the event loop. */
    tick() {
      for (const slot of slots.values()) slot.tick();
    },

    slots: (): Iterable<Slot<Group>> => slots.values(),
    isEmpty: () => slots.size === 0,

    close() {
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
