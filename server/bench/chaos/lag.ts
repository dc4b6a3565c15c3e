import { type Clock, every } from "../../src/clock.ts";

const BEAT_MS = 50;
/** A delay is remembered for so long, ms. */
const MEMORY_MS = 10_000;
/** From here on a delay counts as an outage of the process itself: links may break by it, ms. */
const OUTAGE_MS = 500;

export type Lag = {
  /** The longest delay of late, ms. */
  worstMs(): number;
  /** When the process was last held up so long that links may have broken, ms since 1970. */
  outageAt(): number;
  stop(): void;
};

/** Tells how far the process was held up: what comes late because of it is nobody's fault. */
export function watchLag(clock: Clock): Lag {
  let delays: { at: number; ms: number }[] = [];
  let worst = 0;
  let dueAt = clock.now() + BEAT_MS;
  let outageAt = Number.NEGATIVE_INFINITY;
  const delay = () => Math.max(0, clock.now() - dueAt);
  const stop = every(clock, BEAT_MS, () => {
    const now = clock.now();
    delays = [...delays.filter(({ at }) => at > now - MEMORY_MS), { at: now, ms: delay() }];
    worst = Math.max(...delays.map(({ ms }) => ms));
    if (delay() > OUTAGE_MS) outageAt = now;
    dueAt = now + BEAT_MS;
  });
  return {
    worstMs: () => Math.max(worst, delay()),
    outageAt: () => (delay() > OUTAGE_MS ? clock.now() : outageAt),
    stop,
  };
}
