import { lookup } from "node:dns/promises";
import { systemClock } from "@cryptovault/price-stream";
import { diagnose, type Result } from "../../src/checks/index.ts";
import { type Means, observe, type Question } from "../../src/observe/observe.ts";
import { readTarget } from "../../src/target.ts";
import { defaultTiming, type Timing } from "../../src/timing.ts";

/** Short enough for a test, for gateways that send an update every 100 ms; long enough for a busy machine. */
export const QUICK: Timing = {
  ...defaultTiming,
  answerMs: 3000,
  attemptMs: 3000,
  helloMs: 1200,
  priceMs: 1400,
  watchMs: 2200,
  dueMs: 300,
  gapMs: 900,
  frozenMs: 1000,
  lateMs: 400,
  heldMs: 900,
};

/** For what can be told without watching for long. */
export const BRIEF: Timing = { ...QUICK, watchMs: 800 };

/** The real gateway sends an update every second. */
export const REAL: Timing = {
  ...QUICK,
  helloMs: 2000,
  priceMs: 2000,
  watchMs: 2600,
  dueMs: 1000,
  gapMs: 2000,
};

type More = Partial<Omit<Question, "target">> & Partial<Means>;

/** Nobody is asked for names that can't exist: they are those of pages that nobody fetches. */
const findName = async (name: string) => {
  if (/^[a-z]+\.example$/.test(name)) throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
  return lookup(name, { all: true });
};

/** Has the doctor look at a gateway in this process's way. */
export async function look(url: string, more: More = {}): Promise<Result[]> {
  const target = readTarget(url);
  if (!target) throw new Error(`no URL of a gateway: ${url}`);
  const { page, wanted = [], timing = QUICK, version = "0.1.0", ...means } = more;
  const seen = await observe(
    { target, page, wanted, timing, version },
    {
      clock: systemClock(),
      token: undefined,
      ca: undefined,
      wallNow: Date.now,
      lookup: findName,
      ...means,
    },
  );
  return diagnose(seen);
}

/** Names of what fails, in order. */
export const failing = (results: readonly Result[]): string[] =>
  results.filter(({ status }) => status === "fail").map(({ name }) => name);

/** What was said of one check. */
export function of(results: readonly Result[], name: string): Result {
  const result = results.find((one) => one.name === name);
  if (!result) throw new Error(`no check ${name}`);
  return result;
}
