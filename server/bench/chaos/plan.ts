import { type FaultDetail, type FaultName, faultFacts } from "../../src/emulator/faults.ts";
import { type Random, random } from "../../src/emulator/random.ts";
import type { Exchange } from "../../src/emulator/venue.ts";

/** One fault of one exchange. Times in ms from the start of the run. */
export type Blow = {
  exchange: Exchange;
  fault: FaultName;
  detail: FaultDetail;
  at: number;
  /** When it is mended. */
  until: number;
  /** When its effects are over too: a cut that was announced, a wait that was asked for. */
  over: number;
};

/** A time in which one exchange is left in peace, or, without a guard, in which all are broken. */
export type Phase = { guard: Exchange | undefined; from: number; to: number };

export type Plan = { phases: readonly Phase[]; blows: readonly Blow[] };

export type PlanOptions = {
  seed: number;
  forMs: number;
  /** What each exchange can have. */
  faults: ReadonlyMap<Exchange, readonly FaultName[]>;
  /** Assets that faults of a single asset may hit: all exchanges must trade them. */
  assets: readonly string[];
  /** Nothing breaks before this, ms. */
  warmUpMs: number;
  /** How long a gateway may need to have all prices of an exchange again, ms. */
  recoveryMs: number;
  /** How long all exchanges are broken when they are, ms. */
  blackoutMs: number;
};

/** A guard stays so long, ms. */
const GUARD_MS = { least: 5_000, most: 20_000 };
/** Faults last so long, and pause so long, ms. The gateway believes an absurd price after 10 s. */
const FAULT_MS = { least: 800, most: 8_000 };
const PAUSE_MS = { least: 0, most: 2_500 };
/** Detail of faults that take seconds. */
const SECONDS = { least: 1, most: 2.5 };
/** How often all exchanges break after a guard has gone, beyond the first time. */
const BLACKOUT_SHARE = 0.3;

/** Whether no price comes from an exchange with this fault. */
export function isSilencing(name: FaultName): boolean {
  const { door, withholds = [] } = faultFacts(name);
  return door !== undefined || withholds.includes("data");
}

/**
 * What breaks, and when: a function of its arguments alone. At any time after the warm-up one
 * exchange, the guard, is well and has been so for `recoveryMs`; or all are broken, or have just
 * been and nothing else breaks.
 */
export function planChaos(options: PlanOptions): Plan {
  const rng = random(options.seed);
  const phases = planPhases(options, rng);
  const blows = [...options.faults].flatMap(([exchange, faults]) =>
    phases.flatMap((phase) => {
      if (phase.guard === exchange) return [];
      if (phase.guard === undefined) return [blackout(rng, exchange, faults, phase)];
      const duty = phases.find(({ guard, from }) => guard === exchange && from >= phase.to);
      const to = Math.min(phase.to, duty ? duty.from - options.recoveryMs : phase.to);
      return misfortunes(options, rng, exchange, faults, { from: phase.from, to });
    }),
  );
  return { phases, blows: blows.sort((a, b) => a.at - b.at) };
}

function planPhases(options: PlanOptions, rng: Random): Phase[] {
  const { forMs, warmUpMs, recoveryMs, blackoutMs } = options;
  const exchanges = [...options.faults.keys()];
  const phases: Phase[] = [];
  let dark = false;
  for (let from = warmUpMs; from < forMs; ) {
    const most = Math.max(GUARD_MS.least, Math.min(GUARD_MS.most, forMs / 4));
    const to = Math.min(forMs, from + between(rng, { ...GUARD_MS, most }));
    phases.push({ guard: pick(rng, exchanges), from, to });
    from = to;
    const fits = to + blackoutMs + recoveryMs <= forMs;
    if (fits && (!dark || rng.next() < BLACKOUT_SHARE)) {
      dark = true;
      phases.push({ guard: undefined, from: to, to: to + blackoutMs });
      from = to + blackoutMs + recoveryMs;
    }
  }
  return phases;
}

/** One fault after another, all over by `to`. */
function misfortunes(
  { assets }: PlanOptions,
  rng: Random,
  exchange: Exchange,
  faults: readonly FaultName[],
  { from, to }: { from: number; to: number },
): Blow[] {
  const blows: Blow[] = [];
  for (let at = from + between(rng, PAUSE_MS); at + FAULT_MS.least < to; ) {
    const fault = pick(rng, faults);
    const detail = detailOf(fault, assets, rng);
    const lasts = faultFacts(fault).once ? 0 : between(rng, FAULT_MS);
    const afterMs = (detail.seconds ?? 0) * 1000;
    const until = Math.max(at, Math.min(at + lasts, to - afterMs));
    const over = until + afterMs;
    if (over <= to) blows.push({ exchange, fault, detail, at, until, over });
    at = over + between(rng, PAUSE_MS);
  }
  return blows;
}

/** A fault whose effects end when it is mended. */
function blackout(
  rng: Random,
  exchange: Exchange,
  faults: readonly FaultName[],
  { from: at, to: until }: Phase,
): Blow {
  const lasting = (fault: FaultName) => faultFacts(fault).takes?.includes("seconds") ?? false;
  const fault = pick(
    rng,
    faults.filter((name) => isSilencing(name) && !lasting(name)),
  );
  return { exchange, fault, detail: {}, at, until, over: until };
}

function detailOf(fault: FaultName, assets: readonly string[], rng: Random): FaultDetail {
  const { takes = [] } = faultFacts(fault);
  return {
    ...(takes.includes("asset") ? { asset: pick(rng, assets) } : {}),
    ...(takes.includes("seconds") ? { seconds: between(rng, SECONDS) } : {}),
  };
}

const between = (rng: Random, { least, most }: { least: number; most: number }): number =>
  least + rng.next() * (most - least);

function pick<Item>(rng: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(rng.next() * items.length)];
  if (item === undefined) throw new RangeError("nothing to choose from");
  return item;
}
