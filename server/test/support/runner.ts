import { onTestFinished } from "vitest";
import { type ManualClock, manualClock } from "../../src/clock.ts";
import { createBudget } from "../../src/feed/link/budget.ts";
import { type RunnerOptions, type RunnerTiming, startRunner } from "../../src/feed/link/runner.ts";
import type { SourceEvent } from "../../src/types.ts";
import { type Call, fakeDial } from "./dial.ts";

/** The gateway's own waits. */
export const TIMING: RunnerTiming = {
  connectTimeoutMs: 10_000,
  silenceMs: 10_000,
  stableMs: 60_000,
  backoff: { baseMs: 1000, capMs: 30_000 },
  fatalRetryMs: 300_000,
};

/** Frames in the tests, with what they mean; any other is a heartbeat. */
const EVENTS: Record<string, SourceEvent> = {
  price: { kind: "ticks", ticks: [], rejected: [] },
  fatal: { kind: "error", message: "no", fatal: true },
  refused: { kind: "error", message: "no", fatal: false, symbols: ["X"] },
  "too many": { kind: "error", message: "slow down", fatal: false, retryAfterMs: 7000 },
  shutdown: { kind: "reconnect", reason: "shutdown" },
  ready: { kind: "ready" },
};

export type StageOptions = Partial<RunnerOptions> & { clock?: ManualClock };

/** A runner on a clock and a network that the test moves. It is stopped when the test ends. */
export async function stageRunner({ clock = manualClock(0), ...options }: StageOptions = {}) {
  const { facts = {} } = options;
  const { dial, calls } = fakeDial();
  const refused = new Set<string>();
  const heard: string[] = [];
  const states: string[] = [];
  /** What `random` draws: at 1 each backoff is as long as it may be. */
  const chance = { drawn: 1 };
  const runner = startRunner({
    connection: async () => ({ url: "ws://exchange", send: ["subscribe"] }),
    facts,
    timing: TIMING,
    budget: createBudget(facts.limits?.connects),
    dial,
    clock,
    random: () => chance.drawn,
    frame(text) {
      heard.push(text);
      return { event: EVENTS[text] ?? { kind: "heartbeat" }, prices: text === "price" ? 1 : 0 };
    },
    refuse(symbols) {
      const before = refused.size;
      for (const symbol of symbols) refused.add(symbol);
      return refused.size > before;
    },
    changed: (state, reason) => states.push(`${state}: ${reason}`),
    ...options,
  });
  onTestFinished(() => runner.stop());
  await turn();

  return {
    runner,
    clock,
    calls,
    heard,
    states,
    chance,
    /** The nth connection that was dialled; -1 is the last. */
    call(n: number): Call {
      const found = calls.at(n);
      if (!found) throw new Error(`no call ${n}`);
      return found;
    },
    async wait(ms: number) {
      clock.advanceTo(clock.now() + ms);
      await turn();
    },
  };
}

/** Opens a connection and lets it bring a price. */
export function enliven({ events }: Call): void {
  events.opened();
  events.text("price");
}

/** Lets promises settle. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
