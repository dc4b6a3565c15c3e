import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import type { Logger } from "pino";
import type { BookState } from "../book/book.ts";
import type { Config } from "../config/config.ts";
import { OperatorError, reasonOf } from "../errors.ts";
import type { DataMode } from "../types.ts";
import { readState, writeState } from "./state-text.ts";

/** A disk that has not taken the state after so long is taken for one that hangs, ms. */
const LEAVE_LIMIT_MS = 3000;

/** What an earlier gateway has left. */
type Claimed = { state: BookState; text: string };

/** What an earlier gateway has left, and how this one leaves its own. */
export type Keeping = {
  restored: BookState | undefined;
  /** What is lost if the process ends now, in a sentence: undefined once the state is left. */
  unsaved(): string | undefined;
  /** Puts back what the earlier one has left, where nothing came of this one. */
  giveBack(): Promise<void>;
  leave(state: BookState): Promise<void>;
};

/** Keeps the state where the configuration says. In a replay there is none. */
export async function keepState(config: Config, mode: DataMode, log: Logger): Promise<Keeping> {
  const { stateFile, sources, assets } = config;
  if (stateFile === undefined) {
    return { restored: undefined, unsaved: () => undefined, async giveBack() {}, async leave() {} };
  }
  const feed = JSON.stringify({ mode, sources, assets });
  const claimed = await claimState(stateFile, { feed, now: Date.now(), log });
  let isLeft = false;
  return {
    restored: claimed?.state,
    unsaved: () => (isLeft ? undefined : `The state was not left in ${stateFile}.`),
    async giveBack() {
      if (claimed) await leaveState(stateFile, claimed.text);
    },
    async leave(state) {
      await leaveState(stateFile, writeState(state, feed, Date.now()));
      isLeft = true;
    },
  };
}

/**
 * Takes what the gateway before this one has left. The file is moved away first: of several that start at
 * once only one gets it, since two gateways must never count on in the same epoch. What is of no use is
 * kept as `PATH.unusable`, in place of what was kept there before.
 * @returns undefined where there is nothing of use, which is never a reason not to start
 */
export async function claimState(
  path: string,
  { feed, now, log }: { feed: string; now: number; log: Logger },
): Promise<Claimed | undefined> {
  const claimed = beside(path, "claimed");
  const none = () => log.info({ path }, "No state of an earlier gateway: a new epoch begins");
  try {
    await rename(path, claimed);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") none();
    else log.warn({ path }, `The state of an earlier gateway can't be had: ${reasonOf(error)}`);
    return undefined;
  }
  try {
    const text = await readFile(claimed, "utf8");
    const state = text === "" ? undefined : readState(text, feed, now);
    await rm(claimed);
    if (!state) {
      none();
      return undefined;
    }
    const { epoch, seq, entries } = state;
    log.info({ epoch, seq, assets: entries.length }, "Going on where an earlier gateway ended");
    return { state, text };
  } catch (error) {
    const at = await setAside(claimed, `${path}.unusable`);
    log.warn(
      { path: at },
      `A new epoch begins: the earlier state is kept in ${at}, since ${reasonOf(error)}`,
    );
    return undefined;
  }
}

/** @returns where it is then */
const setAside = (from: string, to: string): Promise<string> =>
  rename(from, to).then(
    () => to,
    () => from,
  );

/**
 * Leaves a state for the next gateway: whole, or not at all.
 * @throws OperatorError where it can't be written, or not in time
 */
export async function leaveState(path: string, text: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const answer = `the disk has not answered for ${LEAVE_LIMIT_MS / 1000} s`;
  const timer = setTimeout(() => late.reject(new Error(answer)), LEAVE_LIMIT_MS);
  try {
    await Promise.race([write(path, text), late.promise]);
  } catch (cause) {
    const message = `--state-file ${path} can't be written: ${reasonOf(cause)}`;
    throw new OperatorError(message, 1, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function write(path: string, text: string): Promise<void> {
  const draft = beside(path, "draft");
  try {
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** A name that no other gateway takes. The process id is none: in containers it is always 1. */
const beside = (path: string, what: string) => `${path}.${randomUUID()}.${what}`;
