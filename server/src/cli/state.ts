import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { BookState } from "../book/book.ts";
import type { Config } from "../config/config.ts";
import { OperatorError } from "../errors.ts";
import type { DataMode } from "../types.ts";

/** Older prices are of no use to anybody, and clients of then have given up, ms. */
const OF_USE_MS = 600_000;

/** Clocks are set back by so much without a word, ms. */
const CLOCK_TOLERANCE_MS = 2000;

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
  feed: z.string(),
  savedAt: z.number(),
  epoch: z.string().min(1),
  seq: count,
  entries: z.array(entry),
});

/** What an earlier gateway has left, and how this one leaves its own. */
export type Keeping = {
  restored: BookState | undefined;
  leave(state: BookState): Promise<void>;
};

/** Keeps the state where the configuration says. In a replay there is none. */
export async function keepState(config: Config, mode: DataMode, log: Logger): Promise<Keeping> {
  const { stateFile, sources, assets } = config;
  if (stateFile === undefined) return { restored: undefined, async leave() {} };
  const feed = JSON.stringify({ mode, sources, assets });
  return {
    restored: await claimState(stateFile, { feed, now: Date.now(), log }),
    leave: (state) => leaveState(stateFile, state, { feed, now: Date.now() }),
  };
}

/**
 * Takes what the gateway before this one has left. The file is moved away first: of several that start at
 * once only one gets it, since two gateways must never count on in the same epoch.
 * @returns undefined where there is nothing of use, which is never a reason not to start
 */
export async function claimState(
  path: string,
  { feed, now, log }: { feed: string; now: number; log: Logger },
): Promise<BookState | undefined> {
  const claimed = beside(path, "claimed");
  const leftAside = (error: unknown) => {
    const why = error instanceof Error ? error.message : error;
    log.warn({ path }, `The state of an earlier gateway is left aside: ${why}`);
  };
  try {
    await rename(path, claimed);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      log.info({ path }, "No state of an earlier gateway: a new epoch begins");
    } else leftAside(error);
    return undefined;
  }
  try {
    const { epoch, seq, entries } = readState(await readFile(claimed, "utf8"), feed, now);
    log.info({ epoch, seq, assets: entries.length }, "Going on where an earlier gateway ended");
    return { epoch, seq, entries };
  } catch (error) {
    leftAside(error);
    return undefined;
  } finally {
    await rm(claimed, { force: true });
  }
}

/** @throws Error that says why it is of no use */
function readState(text: string, feed: string, now: number): BookState {
  const { data, error } = file.safeParse(parsed(text));
  if (!data) throw new Error(`it can't be read: ${z.prettifyError(error)}`);
  const { savedAt, entries } = data;
  if (data.feed !== feed) throw new Error(`it is of ${data.feed}, not of ${feed}`);
  if (now - savedAt > OF_USE_MS) throw new Error("it is too old");
  // A clock that was set back would take old prices for fresh ones.
  const newest = Math.max(savedAt, ...entries.map(({ receivedAt }) => receivedAt));
  if (newest - now > CLOCK_TOLERANCE_MS) throw new Error("it is from the future");
  return data;
}

/**
 * Leaves what a closed gateway held for the next one: whole, or not at all.
 * @throws OperatorError where it can't be written
 */
export async function leaveState(
  path: string,
  state: BookState,
  { feed, now }: { feed: string; now: number },
): Promise<void> {
  const draft = beside(path, "draft");
  try {
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify({ version: VERSION, feed, savedAt: now, ...state }));
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

/** A name that no other gateway takes. The process id is none: in containers it is always 1. */
const beside = (path: string, what: string) => `${path}.${randomUUID()}.${what}`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
