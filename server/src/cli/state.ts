import { open, readFile, rename, rm } from "node:fs/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { BookState } from "../book/book.ts";
import type { Config } from "../config/config.ts";
import { OperatorError } from "../errors.ts";
import type { DataMode } from "../types.ts";

/** Older prices are of no use to anybody, and clients of then have given up, ms. */
const OF_USE_MS = 600_000;

const VERSION = 1;

const count = z.int().min(0);

const derived = z.object({ price: z.string(), quote: z.string(), rate: z.string() });

const entry = z
  .object({
    asset: z.string(),
    price: z.string(),
    quote: z.string(),
    source: z.string(),
    constituents: z.array(z.string()),
    derived: derived.optional(),
    spread: z.number().optional(),
    thin: z.boolean(),
    receivedAt: z.number(),
    exchangeTime: z.number().optional(),
    change24h: z.number().optional(),
    seq: count,
    ref: count,
    stale: z.boolean(),
    listed: z.boolean(),
    changeSeq: count,
    factsSeq: count,
  })
  .transform(({ derived, spread, exchangeTime, change24h, ...known }) => ({
    ...known,
    derived,
    spread,
    exchangeTime,
    change24h,
  }));

const file = z.object({
  version: z.literal(VERSION),
  mode: z.string(),
  savedAt: z.number(),
  epoch: z.string().min(1),
  seq: count,
  entries: z.array(entry),
});

/** What an earlier gateway has left in the file of the configuration. */
export const takeOver = async (
  { stateFile }: Pick<Config, "stateFile">,
  mode: DataMode,
  log: Logger,
): Promise<BookState | undefined> =>
  stateFile === undefined ? undefined : claimState(stateFile, { mode, now: Date.now(), log });

/** Leaves the file of the configuration for the gateway that comes after. */
export const handOver = async (
  { stateFile }: Pick<Config, "stateFile">,
  mode: DataMode,
  state: BookState,
): Promise<void> => {
  if (stateFile !== undefined) await leaveState(stateFile, state, { mode, now: Date.now() });
};

/**
 * Takes what the gateway before this one has left. The file is moved away first: of several that start at
 * once only one gets it, since two gateways must never count on in the same epoch.
 * @returns undefined where there is nothing of use, which is never a reason not to start
 */
export async function claimState(
  path: string,
  { mode, now, log }: { mode: DataMode; now: number; log: Logger },
): Promise<BookState | undefined> {
  const claimed = `${path}.${process.pid}`;
  try {
    await rename(path, claimed);
  } catch {
    log.info({ path }, "No state of an earlier gateway: a new epoch begins");
    return undefined;
  }
  const text = await readFile(claimed, "utf8").finally(() => rm(claimed, { force: true }));
  const { data, error } = file.safeParse(parse(text));
  const why = !data
    ? `it can't be read: ${error.issues[0]?.path.join(".")} ${error.issues[0]?.message}`
    : data.mode !== mode
      ? `its prices are ${data.mode}, not ${mode}`
      : now - data.savedAt > OF_USE_MS
        ? "it is too old"
        : undefined;
  if (!data || why !== undefined) {
    log.warn({ path }, `The state of an earlier gateway is left aside, since ${why}`);
    return undefined;
  }
  const { epoch, seq, entries } = data;
  log.info({ epoch, seq, assets: entries.length }, "Going on where an earlier gateway ended");
  return { epoch, seq, entries };
}

/**
 * Leaves what a closed gateway held for the next one: whole, or not at all.
 * @throws OperatorError where it can't be written
 */
export async function leaveState(
  path: string,
  state: BookState,
  { mode, now }: { mode: DataMode; now: number },
): Promise<void> {
  const draft = `${path}.${process.pid}`;
  try {
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify({ version: VERSION, mode, savedAt: now, ...state }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    const why = cause instanceof Error ? cause.message : cause;
    throw new OperatorError(`--state-file ${path} can't be written: ${why}`, 1, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
