import { setImmediate as turn } from "node:timers/promises";
import { HEARTBEAT_MS } from "@cryptovault/price-stream/protocol/v1";
import { type Client, createClient } from "./client.ts";
import { type PaceClock, paceClock, type RestlessClock, restlessClock } from "./clocks.ts";
import { planScript, type Script, type Step } from "./script.ts";
import { type Stage, startWatched } from "./stage.ts";
import { newCounts } from "./witness.ts";

export type Violation = { step: number; what: string };

export type Report = {
  seed: number;
  script: Script;
  /** The first ones; the run ends with the first step that brings any. */
  violations: Violation[];
  counts: Client["counts"];
};

/** Any moment will do, ms since 1970. */
const START = Date.UTC(2025, 0, 1);
/** Time goes on in pieces of this length at most, each read by everybody before the next, ms. */
const PIECE_MS = 2500;
/** A server takes its leave within this time, ms. */
const CLOSE_MS = 5000;
/** Real time after which a run has got stuck, ms. */
const STUCK_MS = 30_000;

/** Runs the script of `seed` with a real server and real clients over real sockets. */
export async function run(seed: number, length: number): Promise<Report> {
  const script = planScript(seed, length);
  const violations: Violation[] = [];
  let step = 0;
  const violate = (who: string) => (what: string) => {
    violations.push({ step, what: `${who}: ${what}` });
  };
  const pace = paceClock(START);
  const market = restlessClock(START);
  let epoch = 0;
  const open = () => startWatched(`${seed}-${epoch++}`, market, pace);
  let stage = await open();
  const clients = Array.from({ length: script.clients }, (_, n) =>
    createClient({ stage: () => stage, now: pace.now, violate: violate(`client ${n}`) }),
  );
  const stuck = setTimeout(() => {
    violate("run")("it has got stuck");
    for (const client of clients) client.end("terminate");
  }, STUCK_MS);

  try {
    for (; step < script.steps.length && violations.length === 0; step++) {
      const next = script.steps[step];
      if (next) await take(next, { stage, clients, pace, market, violate });
      if (next?.do !== "restart") continue;
      await close(stage, pace);
      stage = await open();
    }
    if (violations.length === 0) await rest({ clients, pace, violate });
    for (const client of clients) client.end("close");
    await comesTrue(() => stage.stats().clients === 0);
    const { clients: left, loops, groups, slots } = stage.stats();
    if (left + loops + groups + slots > 0) {
      violate("hub")(`left are ${left} clients, ${loops} loops, ${slots} slots, ${groups} groups`);
    }
    await close(stage, pace);
    if (pace.pending() > 0) violate("server")(`${pace.pending()} timers are left`);
  } catch (error) {
    violate("run")(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  clearTimeout(stuck);
  return { seed, script, violations, counts: sum(clients.map(({ counts }) => counts)) };
}

type Scene = {
  stage: Stage;
  clients: Client[];
  pace: PaceClock;
  market: RestlessClock;
  violate(who: string): (what: string) => void;
};

async function take(step: Step, scene: Scene): Promise<void> {
  const { stage, clients, market } = scene;
  switch (step.do) {
    case "quotes":
      return step.quotes.forEach(stage.put);
    case "market":
      market.move(step.ms);
      return stage.sweep();
    case "wall":
      return pass(step.ms, scene);
    case "turns":
      for (let n = 0; n < step.count; n++) await turn();
      return;
    case "rest":
      return rest(scene);
    case "restart":
      for (const client of clients) client.expectRestart();
      return;
    default:
      return clients[step.client]?.step(step);
  }
}

/** Time passes, and everybody who reads at all reads in time. */
async function pass(ms: number, { pace, clients }: Pick<Scene, "pace" | "clients">): Promise<void> {
  if (ms <= PIECE_MS) return pace.move(ms);
  for (let left = ms; left > 0; left -= PIECE_MS) {
    pace.move(Math.min(left, PIECE_MS));
    await turn();
    await Promise.all(clients.map((client) => client.catchUp()));
  }
}

/** Nothing happens for so long that everybody must be at the book's newest number. */
async function rest(scene: Pick<Scene, "clients" | "pace" | "violate">): Promise<void> {
  const { clients, violate } = scene;
  for (const client of clients) client.free();
  // Two of the longest intervals, and the longest silence.
  const restMs = 2 * Math.max(...clients.map((client) => client.intervalMs())) + HEARTBEAT_MS;
  for (let passed = 0; passed < restMs; passed += PIECE_MS + 1) {
    await pass(PIECE_MS + 1, scene);
    for (const [n, client] of clients.entries()) {
      const ms = client.silentMs();
      if (ms > HEARTBEAT_MS) violate(`client ${n}`)(`it has heard nothing for ${ms} ms`);
    }
  }
  for (const [n, client] of clients.entries()) client.atRest().forEach(violate(`client ${n}`));
}

/** Ends the server, while time goes on. */
async function close(stage: Stage, pace: PaceClock): Promise<void> {
  let isClosed = false;
  const closing = stage.close().finally(() => {
    isClosed = true;
  });
  for (let passed = 0; passed < CLOSE_MS && !isClosed; passed += 100) {
    pace.move(100);
    await turn();
  }
  await closing;
}

/** Waits for up to a second of real time. */
async function comesTrue(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 1000;
  while (!condition() && performance.now() < deadline) await turn();
}

const sum = (all: Client["counts"][]): Client["counts"] => {
  const total = newCounts();
  for (const counts of all) {
    for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
  }
  return total;
};

/** A run's violations, and what happened around the first. */
export function report({ seed, script, violations }: Report): string {
  const at = violations[0]?.step ?? 0;
  const around = script.steps.slice(Math.max(0, at - 25), at + 1);
  return [
    `Seed ${seed}, around step ${at} of ${script.steps.length}:`,
    ...around.map((step, place) => `  ${Math.max(0, at - 25) + place}  ${brief(step)}`),
    ...violations.slice(0, 5).map(({ step, what }) => `VIOLATION at step ${step}, ${what}`),
  ].join("\n");
}

const brief = (step: Step): string => {
  const text = JSON.stringify(
    step.do === "quotes" ? { ...step, quotes: step.quotes.map(({ asset }) => asset) } : step,
  );
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
