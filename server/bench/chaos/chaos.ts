import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { type Clock, every, systemClock } from "../../src/clock.ts";
import { type Emulator, type FaultName, startEmulator } from "../../src/emulator/emulator.ts";
import { faultFacts } from "../../src/emulator/faults.ts";
import { random } from "../../src/emulator/random.ts";
import { EXCHANGES } from "../../src/emulator/venue.ts";
import { venues } from "../../src/emulator/venues/index.ts";
import type { FeedTiming } from "../../src/feed/feed.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../src/gateway.ts";
import { sources } from "../../src/sources/index.ts";
import { comeAndGo, type Desk, openSingle, openViewer, poll } from "./clients.ts";
import { createJudge } from "./judge.ts";
import { watchLag } from "./lag.ts";
import { createOutages, type Outage } from "./outages.ts";
import { planChaos } from "./plan.ts";
import { activeResources, heapUsed, surplus } from "./stock.ts";
import { createTruth } from "./truth.ts";

/** What a policy asks of the gateway. */
const POLICIES = { priority: {} } as const satisfies Record<string, Partial<GatewayOptions>>;

export type PolicyName = keyof typeof POLICIES;
export const policyNames = Object.keys(POLICIES);
export const isPolicy = (name: string): name is PolicyName => Object.hasOwn(POLICIES, name);

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
  counts: {
    faults: Partial<Record<FaultName, number>>;
    blackouts: number;
    failovers: number;
    messages: number;
    prices: number;
    owed: number;
    /** Accusations that were dropped, since the machine held the process up. */
    excused: number;
    worstAgeMs: number;
    worstLagMs: number;
    heapGrowth: number;
  };
};

const TICK_MS = 100;
const ASSETS = 500;
const KEY = "chaos";
/** Seconds in place of the default minute, so that much happens in a short time. */
const TIMING: FeedTiming = {
  staleAfterMs: 3000,
  failoverAfterMs: 1000,
  holdMs: 1000,
  connectTimeoutMs: 1000,
  silenceMs: 800,
  stableMs: 60_000,
  backoff: { baseMs: 200, capMs: 2000 },
  fatalRetryMs: 2000,
};
/** The longest wait for the next attempt, the attempt, and the longest pause between two trades. */
const RECOVERY_MS = 2000 + TIMING.connectTimeoutMs + 2500;
/** All prices become stale, it is noticed and told, and stays so for a moment. */
const BLACKOUT_MS = TIMING.staleAfterMs + 3000;
const WARM_UP_MS = 2500;
/**
 * After the process was held up, all prices may be old: nothing is left then to tell an absurd one by,
 * and what was believed is doubted for 10 s.
 */
const EXCUSE_MS = 12_000;
/** What may come later than it should on a machine at ease, ms. */
const SLACK_MS = 300;
/** More than this in use at the end than after a third of the run is a leak, bytes. */
const HEAP_GROWTH = 24 * 1024 * 1024;
/** The run ends early with so many violations. */
const ENOUGH = 5;
const LOG_LINES = 60;

/** Runs a gateway on emulated exchanges, breaks them as planned, and watches it with real clients. */
export async function runChaos({ seed, forMs, policy }: ChaosOptions): Promise<ChaosReport> {
  const before = activeResources();
  let startedAt = Date.now();
  const end = new AbortController();
  const violations: { atMs: number; what: string }[] = [];
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

  let note = (_now: number) => {};
  const emulator = await startEmulator({
    seed,
    assets: ASSETS,
    tickMs: TICK_MS,
    coincapKey: KEY,
    clock: noting(systemClock, (now) => note(now)),
  });
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "demo", control: emulator.url },
    sources: sources.flatMap((source) =>
      EXCHANGES.filter((name) => name === source.name).map((name) => ({
        source,
        endpoint: emulator.endpoints[name],
        key: KEY,
      })),
    ),
    timing: TIMING,
    log: story.log,
    ...POLICIES[policy],
  });

  const pairs = new Map(
    EXCHANGES.map((name) => [name, venues[name].pairs(emulator.market.assets)]),
  );
  const truth = createTruth(emulator.market, [...pairs.values()].flat());
  note = truth.note;
  startedAt = Date.now();
  truth.note(startedAt);
  const outages = createOutages(pairs);
  const judge = createJudge({
    truth,
    outages,
    staleAfterMs: TIMING.staleAfterMs,
    recoveryMs: RECOVERY_MS,
    tickMs: TICK_MS,
    excusedUntil: () => Math.max(startedAt + WARM_UP_MS, lag.outageAt() + EXCUSE_MS),
    slackMs,
    accuse,
  });
  const desk: Desk = { port: gateway.port, judge, slackMs, accuse, signal: end.signal };

  const everywhere = outages.assets().filter((asset) => {
    const isHere = (name: (typeof EXCHANGES)[number]) =>
      pairs.get(name)?.some((pair) => pair.asset === asset && pair.active);
    return EXCHANGES.every(isHere);
  });
  const plan = planChaos({
    seed,
    forMs,
    faults: new Map(EXCHANGES.map((name) => [name, emulator.state().exchanges[name].faults])),
    assets: everywhere.slice(0, 10),
    warmUpMs: WARM_UP_MS,
    recoveryMs: RECOVERY_MS,
    blackoutMs: BLACKOUT_MS,
  });

  const timers = plan.blows.flatMap((blow) => {
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
  });
  const viewers = [openViewer("viewer 1", desk), openViewer("viewer 2", desk)];
  const singles = everywhere.slice(0, 3).map((asset) => openSingle(asset, desk));
  const running = [comeAndGo(random(seed), outages.assets(), desk), poll(desk)];
  let worstLagMs = 0;
  const stopLooking = every(systemClock, 250, () => {
    worstLagMs = Math.max(worstLagMs, lag.worstMs());
    for (const viewer of viewers) viewer.look();
  });
  const blackouts = plan.phases.filter(({ guard }) => guard === undefined);
  for (const { from, to } of blackouts) {
    timers.push(
      systemClock.after(to, () => {
        const told = viewers.every((viewer) => viewer.toldStaleSince(startedAt + from));
        if (!told) accuse("all were broken, and clients were not told stale");
      }),
    );
  }

  let heapBefore = 0;
  timers.push(
    systemClock.after(forMs / 3, () => {
      heapBefore = heapUsed();
    }),
  );
  await sleep(forMs, undefined, { signal: end.signal }).catch(() => {});
  const heapGrowth = violations.length > 0 ? 0 : heapUsed() - heapBefore;
  if (heapGrowth > HEAP_GROWTH)
    violate(`the heap has grown by ${(heapGrowth / 1e6).toFixed(1)} MB`);

  end.abort();
  for (const cancel of timers) cancel();
  stopLooking();
  await Promise.all(running);
  for (const client of [...viewers, ...singles]) client.close();
  await closeAll(gateway, emulator, violate);
  lag.stop();
  const left = await leftovers(before);
  if (left.length > 0) violate(`left open at the end: ${left.join(", ")}`);
  unguard();

  return {
    violations,
    outages: outages.history,
    startedAt,
    log: story.lines,
    counts: {
      faults: countBy(outages.history.map(({ fault }) => fault)),
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

/** The gateway must have lost its clients by itself, and leave no socket at the exchanges. */
async function closeAll(gateway: Gateway, emulator: Emulator, violate: (what: string) => void) {
  for (const name of EXCHANGES) emulator.mend(name);
  const clients = () => gateway.health().hub.clients;
  if (!(await comesTrue(() => clients() === 0))) violate(`${clients()} clients of none are left`);
  await gateway.close();
  const connections = () =>
    EXCHANGES.reduce((sum, name) => sum + emulator.state().exchanges[name].connections, 0);
  if (!(await comesTrue(() => connections() === 0))) {
    violate(`${connections()} connections to exchanges are left`);
  }
  await emulator.close();
}

async function leftovers(before: Map<string, number>): Promise<string[]> {
  const left = () => surplus(before, activeResources());
  await comesTrue(() => left().length === 0);
  return left();
}

/** Waits for up to 5 s. */
async function comesTrue(condition: () => boolean): Promise<boolean> {
  for (let n = 0; n < 100 && !condition(); n++) await sleep(50);
  return condition();
}

/** What nobody catches is a violation, and so is what Node warns of, such as too many listeners. */
function guardProcess(violate: (what: string) => void): () => void {
  const onError = (error: unknown) => {
    violate(`not caught: ${error instanceof Error ? error.stack : String(error)}`);
  };
  const events = ["uncaughtException", "unhandledRejection", "warning"] as const;
  for (const event of events) process.on(event, onError);
  return () => {
    for (const event of events) process.off(event, onError);
  };
}

/** The same clock, telling of each time that a timer has run. */
const noting = (clock: Clock, note: (now: number) => void): Clock => ({
  now: clock.now,
  after: (ms, fn) =>
    clock.after(ms, () => {
      fn();
      note(clock.now());
    }),
});

/** What the gateway's log tells of exchanges, and how often one lost its assets. */
function createStory() {
  const lines: string[] = [];
  let failovers = 0;
  const write = (line: string) => {
    if (line.includes("WebSocket ")) return;
    lines.push(line.trim());
    if (lines.length > LOG_LINES) lines.shift();
    if (line.includes(" lost its assets")) failovers++;
  };
  const log = pino({ level: "info", base: null }, { write });
  return { log, lines, failovers: () => failovers };
}

const countBy = <Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> => {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};
