import { setTimeout as sleep } from "node:timers/promises";
import { every, systemClock } from "../../src/clock.ts";
import type { FaultName } from "../../src/emulator/emulator.ts";
import { faultFacts } from "../../src/emulator/faults.ts";
import { random } from "../../src/emulator/random.ts";
import { EXCHANGES } from "../../src/emulator/venue.ts";
import type { PolicyName } from "../../src/feed/price/policies.ts";
import { comeAndGo, type Desk, openSingle, openViewer, poll } from "./clients.ts";
import { createJudge } from "./judge.ts";
import { watchLag } from "./lag.ts";
import type { Outage } from "./outages.ts";
import { type Blow, planChaos } from "./plan.ts";
import { comesTrue, type Stage, startStage, TICK_MS, TIMING } from "./stage.ts";
import { activeResources, heapUsed, surplus } from "./stock.ts";
import { createStory, guardProcess } from "./story.ts";

export type ChaosOptions = {
  /** The same seed brings the same faults at the same times. */
  seed: number;
  forMs: number;
  policy: PolicyName;
};

export type ChaosReport = {
  violations: readonly { atMs: number; what: string }[];
  /** All that broke, in order. */
  outages: readonly Outage[];
  startedAt: number;
  /** The last lines of the gateway's log. */
  log: readonly string[];
  faults: Partial<Record<FaultName, number>>;
  counts: {
    blackouts: number;
    failovers: number;
    messages: number;
    prices: number;
    /** Prices that had to be fresh, since an exchange was well. */
    owed: number;
    /** The oldest of those. */
    worstAgeMs: number;
    /** Accusations that were dropped, since the machine held the process up. */
    excused: number;
    worstLagMs: number;
    heapGrowth: number;
  };
};

/** The longest wait for the next attempt, the attempt, and the longest pause between two trades. */
const RECOVERY_MS = 2000 + TIMING.connectTimeoutMs + 2500;
/** All prices become stale, it is noticed and told, and stays so for a moment. */
const BLACKOUT_MS = TIMING.staleAfterMs + 3000;
const WARM_UP_MS = 2500;
/** What may come later than it should on a machine at ease, ms. */
const SLACK_MS = 300;
/**
 * After the process was held up, all prices may be old: nothing is left then to tell an absurd one by,
 * and what was believed is doubted for 10 s.
 */
const EXCUSE_MS = 12_000;
/** More than this in use at the end than after a third of the run is a leak, bytes. */
const HEAP_GROWTH = 24 * 1024 * 1024;
/** The run ends early with so many violations. */
const ENOUGH = 5;

/** Runs a gateway on emulated exchanges, breaks them as planned, and watches it with real clients. */
export async function runChaos({ seed, forMs, policy }: ChaosOptions): Promise<ChaosReport> {
  const before = activeResources();
  const end = new AbortController();
  const violations: { atMs: number; what: string }[] = [];
  let startedAt = Date.now();
  const violate = (what: string) => {
    if (violations.length < ENOUGH) violations.push({ atMs: Date.now() - startedAt, what });
    if (violations.length >= ENOUGH) end.abort();
  };
  const unguard = guardProcess(violate);
  const lag = watchLag(systemClock);
  const slackMs = () => SLACK_MS + 2 * lag.worstMs();
  let excused = 0;
  const accuse = (what: string) => {
    if (Date.now() < lag.outageAt() + EXCUSE_MS) excused++;
    else violate(what);
  };

  const story = createStory();
  const stage = await startStage(seed, policy, story.log);
  const { emulator, outages, everywhere } = stage;
  startedAt = Date.now();
  const { phases, blows } = planChaos({
    seed,
    forMs,
    faults: new Map(EXCHANGES.map((name) => [name, emulator.state().exchanges[name].faults])),
    assets: everywhere.slice(0, 10),
    warmUpMs: WARM_UP_MS,
    recoveryMs: RECOVERY_MS,
    blackoutMs: BLACKOUT_MS,
  });
  const blackouts = phases.filter(({ guard }) => guard === undefined);
  const judge = createJudge({
    truth: stage.truth,
    outages,
    staleAfterMs: TIMING.staleAfterMs,
    recoveryMs: RECOVERY_MS,
    tickMs: TICK_MS,
    excusedUntil: () => Math.max(startedAt + WARM_UP_MS, lag.outageAt() + EXCUSE_MS),
    slackMs,
    accuse,
  });

  const desk: Desk = { port: stage.port, judge, slackMs, accuse, signal: end.signal };
  const viewers = [openViewer("viewer 1", desk), openViewer("viewer 2", desk)];
  const singles = everywhere.slice(0, 3).map((asset) => openSingle(asset, desk));
  const visits = [comeAndGo(random(seed), outages.assets(), desk), poll(desk)];
  let worstLagMs = 0;
  let heapBefore = 0;
  const timers = [
    ...blows.flatMap((blow) => strike(blow, stage)),
    ...blackouts.map(({ from, to }) =>
      systemClock.after(to, () => {
        const told = viewers.every((viewer) => viewer.toldStaleSince(startedAt + from));
        if (!told) accuse("all were broken, and clients were not told stale");
      }),
    ),
    systemClock.after(forMs / 3, () => {
      heapBefore = heapUsed();
    }),
    every(systemClock, 250, () => {
      worstLagMs = Math.max(worstLagMs, lag.worstMs());
      for (const viewer of viewers) viewer.look();
    }),
  ];

  await sleep(forMs, undefined, { signal: end.signal }).catch(() => {});
  const heapGrowth = end.signal.aborted ? 0 : heapUsed() - heapBefore;
  if (heapGrowth > HEAP_GROWTH) violate(`the heap has grown by ${heapGrowth} bytes`);

  end.abort();
  for (const cancel of timers) cancel();
  await Promise.all(visits);
  for (const client of [...viewers, ...singles]) client.close();
  await stage.close(violate);
  lag.stop();
  const left = () => surplus(before, activeResources());
  if (!(await comesTrue(() => left().length === 0))) violate(`left open: ${left().join(", ")}`);
  unguard();

  return {
    violations,
    outages: outages.history,
    startedAt,
    log: story.lines,
    faults: countBy(outages.history.map(({ fault }) => fault)),
    counts: {
      blackouts: blackouts.length,
      failovers: story.failovers(),
      messages: viewers.reduce((sum, viewer) => sum + viewer.messages(), 0),
      ...judge.counts,
      excused,
      worstLagMs,
      heapGrowth,
    },
  };
}

/** Breaks and mends when it is time. Returns the undos of what is yet to come. */
function strike(blow: Blow, { emulator, outages }: Stage): (() => void)[] {
  let outage: Outage | undefined;
  return [
    systemClock.after(blow.at, () => {
      outage = outages.begin(blow, Date.now());
      emulator.break(blow.exchange, blow.fault, blow.detail);
    }),
    systemClock.after(blow.until, () => {
      if (!faultFacts(blow.fault).once) emulator.mend(blow.exchange);
      if (outage) outage.mendedAt = Date.now();
    }),
    systemClock.after(blow.over, () => {
      if (outage) outage.overAt = Date.now();
    }),
  ];
}

const countBy = <Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> => {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};
