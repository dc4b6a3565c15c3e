import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BookState } from "../../../server/src/book/book.ts";
import { claimState } from "../../../server/src/cli/state.ts";
import { createLog } from "../../../server/src/log.ts";
import { startProcess } from "./process.ts";
import { type Watcher, watch } from "./watcher.ts";

/** New clients per second at the start. */
const RAMP_PER_S = 100;
const PATIENCE_MS = 150_000;

/** Restarts a gateway under clients by SIGTERM, as a platform does, and looks at what they see. */
export async function runRestart(
  clients: number,
  drain: string,
  say: (line: string) => void,
): Promise<{ figures: Record<string, number>; violations: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "restart-"));
  const file = join(folder, "state.json");
  const violations: string[] = [];
  const limits = ["--trusted-proxies", "1", "--max-handshakes", "10000"];
  const args = ["--state-file", file, "--drain", drain, "--log-level", "warn", ...limits, "--port"];
  const first = await startProcess([...args, "0"]);
  const watchers: Watcher[] = [];
  try {
    say(`${clients} clients come, ${RAMP_PER_S} a second`);
    for (let i = 0; i < clients; i++) {
      watchers.push(watch(first.port, i));
      if (i % 10 === 9) await sleep(10_000 / RAMP_PER_S);
    }
    await until(
      "all are live",
      () => watchers.every(isLive),
      () => tellStates(watchers),
    );

    say("SIGTERM");
    const signalledAt = Date.now();
    const ended = await first.end();
    if (ended.code !== 0) violations.push(`exit code ${ended.code}`);
    await until("all have left", () => watchers.every(({ seen }) => seen.closedAt.length > 0));
    const leftAfter = watchers.map(({ seen }) => (seen.closedAt[0] ?? 0) - signalledAt);
    // Taken by the next process at its start.
    const kept = join(folder, "kept.json");
    await copyFile(file, kept);
    const state = await readState(kept);
    violations.push(...watchers.flatMap((watcher) => differences(watcher, state)).slice(0, 5));

    say("the next gateway starts");
    const second = await startProcess([...args, String(first.port)]);
    try {
      const startedAt = Date.now();
      await until(
        "all are live again",
        () => watchers.every(isLive),
        () => tellStates(watchers),
      );
      const cameBack = watchers.map(({ seen }) => seen.openedAt[1] ?? Number.POSITIVE_INFINITY);
      const resumed = watchers.filter(({ seen }) =>
        seen.epochs.every((one) => one === state.epoch),
      );
      if (resumed.length < clients)
        violations.push(`${clients - resumed.length} had to begin anew`);
      const gaps = watchers.map(({ seen }) => {
        const { from = 0, until = 0 } = seen.gaps.find(({ from }) => from >= signalledAt) ?? {};
        return until - from;
      });
      const rows = watchers.map(({ seen }) => seen.firstRows.at(-1) ?? 0);
      return {
        figures: {
          exitMs: ended.tookMs,
          leftFirstMs: Math.min(...leftAfter),
          leftMedianMs: quantile(leftAfter, 0.5),
          leftLastMs: Math.max(...leftAfter),
          mostLeavingPerS: mostPerS(leftAfter),
          mostComingPerS: mostPerS(cameBack.map((at) => at - startedAt)),
          darkMedianMs: quantile(gaps, 0.5),
          darkP99Ms: quantile(gaps, 0.99),
          mostAttempts: Math.max(...watchers.map(({ seen }) => seen.most)),
          resumed: resumed.length,
          rowsMedian: quantile(rows, 0.5),
          assets: state.entries.length,
        },
        violations,
      };
    } finally {
      for (const { stream } of watchers) stream.close();
      second.kill();
    }
  } finally {
    for (const { stream } of watchers) stream.close();
    first.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many are in which state. */
const tellStates = (watchers: readonly Watcher[]): string =>
  Object.entries(Object.groupBy(watchers, ({ stream }) => stream.status.state))
    .map(([state, those]) => `${those.length} ${state} (${those[0]?.stream.status.reason})`)
    .join(", ");

const isLive = ({ stream }: Watcher): boolean => stream.status.state === "live";

/** What the first gateway has left. */
async function readState(path: string): Promise<BookState> {
  const log = createLog("warn", false);
  const { feed } = JSON.parse(await readFile(path, "utf8"));
  const claimed = await claimState(path, { feed: String(feed), now: Date.now(), log });
  if (!claimed) throw new Error("The first gateway has left nothing of use");
  return claimed.state;
}

/** What a client holds otherwise than the book did at the client's position: all that had not changed since. */
function differences({ stream }: Watcher, { epoch, entries }: BookState): string[] {
  const { epoch: own, seq } = stream.diagnostics();
  if (own !== epoch || seq === null) return ["a client has another epoch, or no position"];
  return entries
    .filter((entry) => entry.seq <= seq && stream.get(entry.asset)?.price !== entry.price)
    .map(({ asset, price }) => `at ${seq} a client has another price of ${asset} than ${price}`);
}

async function until(what: string, holds: () => boolean, missing = () => ""): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}: ${missing()}`);
    await sleep(20);
  }
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;

/** The most times within one second. */
function mostPerS(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let from = 0;
  return sorted.reduce((most, time, to) => {
    while (time - (sorted[from] ?? time) >= 1000) from++;
    return Math.max(most, to - from + 1);
  }, 0);
}
