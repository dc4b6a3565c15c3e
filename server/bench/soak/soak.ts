import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/clock.ts";
import { startEmulator } from "../../src/emulator/emulator.ts";
import { faultFacts } from "../../src/emulator/faults.ts";
import type { Market } from "../../src/emulator/market.ts";
import { random } from "../../src/emulator/random.ts";
import { EXCHANGES } from "../../src/emulator/venue.ts";
import { venues } from "../../src/emulator/venues/index.ts";
import { watchLag } from "../chaos/lag.ts";
import { type Blow, planChaos } from "../chaos/plan.ts";
import { KEY } from "../chaos/stage.ts";
import { type GatewayProcess, startGatewayProcess } from "./child.ts";
import { type Crowd, openCrowd } from "./crowd.ts";
import { assess, type Row, type Sample } from "./measures.ts";

export type SoakReport = {
  ok: boolean;
  seed: number;
  forMs: number;
  rows: Row[];
  /** What went wrong besides growth, the first ones. */
  complaints: string[];
  counts: {
    visits: number;
    stuck: number;
    /** Complaints that were dropped, since the machine held up the soak itself. */
    excused: number;
    faults: number;
    evicted: number;
    sentMiB: number;
  };
  samples: Sample[];
};

const ASSETS = 500;
/** So many samples are taken of a run, but not more often, and not more seldom, ms. */
const SAMPLES = 60;
const EVERY_MS = { least: 2000, most: 60_000 };
/** A gateway has prices within this time after its start, ms. */
const READY_MS = 20_000;
const MOST_COMPLAINTS = 20;
/** Where the soak itself was this late within ten seconds, nobody who waited can complain, ms. */
const HELD_UP_MS = 500;
/** Time for the clients to be gone at the end, ms. */
const EMPTY_MS = 10_000;
/** The soak's own event loop is looked at this often, ms. */
const RESOLUTION_MS = 10;
const MIB = 2 ** 20;

/** Runs a gateway under churn, faults and slow clients, and looks at what it holds. */
export async function runSoak(
  { seed, forMs }: { seed: number; forMs: number },
  tell: (sample: Sample) => void,
): Promise<SoakReport> {
  const emulator = await startEmulator({ seed, assets: ASSETS, tickMs: 250, coincapKey: KEY });
  const gateway = await startGatewayProcess(emulator);
  const assets = tradedEverywhere(emulator.market);
  await ready(gateway.port);
  const complaints: string[] = [];
  const lag = watchLag(systemClock);
  let excused = 0;
  const complain = (what: string) => {
    if (lag.worstMs() > HELD_UP_MS) excused++;
    else if (complaints.length < MOST_COMPLAINTS) complaints.push(what);
  };
  const crowd = openCrowd(gateway.port, random(seed), assets, complain);
  const { blows } = planChaos({
    seed,
    forMs,
    faults: new Map(EXCHANGES.map((name) => [name, emulator.state().exchanges[name].faults])),
    assets,
    warmUpMs: 2500,
    recoveryMs: 5500,
    blackoutMs: 6000,
  });
  const startedAt = performance.now();
  const end = new AbortController();
  const strikes = EXCHANGES.map(async (exchange) => {
    for (const blow of blows.filter((blow) => blow.exchange === exchange)) {
      await strike(blow, startedAt, emulator, end.signal);
    }
  });

  const everyMs = Math.min(EVERY_MS.most, Math.max(EVERY_MS.least, forMs / SAMPLES));
  const samples: Sample[] = [];
  const own = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  own.enable();
  for (let due = everyMs; due <= forMs; due += everyMs) {
    await sleep(Math.max(0, startedAt + due - performance.now()));
    const seen = await look(gateway, crowd);
    const sample = {
      atMs: performance.now() - startedAt,
      ...seen,
      ownP99Ms: own.percentile(99) / 1e6 - RESOLUTION_MS,
    };
    own.reset();
    samples.push(sample);
    tell(sample);
  }

  own.disable();
  lag.stop();
  end.abort();
  await Promise.all(strikes);
  for (const name of EXCHANGES) emulator.mend(name);
  const metrics = await scrape(gateway.adminUrl);
  await crowd.close();
  const left = await clientsLeft(gateway);
  if (left > 0) complain(`${left} clients of none are left`);
  if (!(await gateway.close()))
    complain("the gateway's process did not end: it holds something open");
  await emulator.close();

  const rows = assess(samples);
  return {
    ok: complaints.length === 0 && rows.every(({ verdict }) => verdict !== "grows"),
    seed,
    forMs,
    rows,
    complaints,
    counts: {
      ...crowd.counts,
      excused,
      faults: blows.length,
      evicted: metrics("price_stream_hub_evictions_total"),
      sentMiB: Math.round(metrics("price_stream_hub_sent_bytes_total") / MIB),
    },
    samples,
  };
}

/** Faults of a single asset may hit only what all exchanges trade. The largest first. */
function tradedEverywhere({ assets }: Market): string[] {
  const traded = EXCHANGES.map((name) => {
    const active = venues[name].pairs(assets).filter((pair) => pair.active);
    return new Set(active.map(({ asset }) => asset));
  });
  return assets.map(({ id }) => id).filter((id) => traded.every((set) => set.has(id)));
}

async function look(
  gateway: GatewayProcess,
  crowd: Crowd,
): Promise<Omit<Sample, "atMs" | "ownP99Ms">> {
  const metrics = await scrape(gateway.adminUrl);
  const { heap, buffers, handles, clients } = await gateway.holdings();
  const ages = crowd.takeAges().sort((a, b) => a - b);
  return {
    heapMiB: heap / MIB,
    buffersMiB: buffers / MIB,
    rssMiB: metrics("process_resident_memory_bytes") / MIB,
    handles: handles - clients,
    eventLoopP99Ms: metrics("nodejs_eventloop_lag_p99_seconds") * 1000,
    ageMs: ages[Math.floor(ages.length / 2)] ?? Number.NaN,
  };
}

/** Asks as Prometheus would. @returns what reads one metric without labels */
async function scrape(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

async function ready(port: number) {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    if ((await fetch(`http://127.0.0.1:${port}/readyz`)).ok) return;
    await sleep(100);
  }
  throw new Error("the gateway is not ready");
}

async function clientsLeft(gateway: GatewayProcess): Promise<number> {
  const until = performance.now() + EMPTY_MS;
  for (;;) {
    const { clients } = await gateway.holdings();
    if (clients === 0 || performance.now() > until) return clients;
    await sleep(200);
  }
}

/** Breaks and mends when it is time. */
async function strike(
  blow: Blow,
  startedAt: number,
  emulator: Awaited<ReturnType<typeof startEmulator>>,
  signal: AbortSignal,
) {
  const until = (atMs: number) =>
    sleep(Math.max(0, startedAt + atMs - performance.now()), undefined, { signal }).catch(() => {});
  await until(blow.at);
  if (signal.aborted) return;
  emulator.break(blow.exchange, blow.fault, blow.detail);
  await until(blow.until);
  if (!faultFacts(blow.fault).once) emulator.mend(blow.exchange);
  await until(blow.over);
}
