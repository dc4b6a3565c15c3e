#!/usr/bin/env node
import { lookup } from "node:dns/promises";
import { systemClock } from "@cryptovault/price-stream";
import manifest from "../package.json" with { type: "json" };
import { changesOf } from "./changes.ts";
import { diagnose, type Result } from "./checks/index.ts";
import { observe } from "./observe/observe.ts";
import { type Options, readOptions, UsageError } from "./options.ts";
import { isWell, jsonOf } from "./report/json.ts";
import { type Look, summaryOf, textOf } from "./report/text.ts";
import { duration } from "./words.ts";

/** From one look to the next, with `--watch`, ms. */
const PAUSE_MS = 5000;

const { version } = manifest;
const clock = systemClock();
const print = (text: string) => process.stdout.write(`${text}\n`);

async function look({ token, ...question }: Options): Promise<Result[]> {
  const seen = await observe(
    { ...question, version },
    {
      clock,
      token,
      ca: undefined,
      wallNow: Date.now,
      lookup: (name) => lookup(name, { all: true }),
    },
  );
  return diagnose(seen);
}

function lookOfTerminal(): Look {
  const { isTTY, columns } = process.stdout;
  return { colour: isTTY && !process.env.NO_COLOR, columns: isTTY ? columns : undefined };
}

async function run(options: Options): Promise<void> {
  const { json, watch, target, timing } = options;
  if (!json)
    print(`Looking at ${target.http}; streams are watched for ${duration(timing.watchMs)}.\n`);
  let state = await look(options);
  print(json ? jsonOf(state) : `${textOf(state, lookOfTerminal())}\n\n${summaryOf(state)}`);
  process.exitCode = isWell(state) ? 0 : 1;
  if (!watch) return;
  process.on("SIGINT", () => process.exit());
  for (;;) {
    await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    const next = await look(options);
    const changes = changesOf(state, next);
    state = next;
    process.exitCode = isWell(state) ? 0 : 1;
    if (changes.length === 0) continue;
    const now = new Date().toISOString();
    print(
      json ? jsonOf(state) : `\n${now}\n${textOf(changes, lookOfTerminal())}\n${summaryOf(state)}`,
    );
  }
}

try {
  await run(readOptions(process.argv.slice(2), version));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  (error.exitCode === 0 ? process.stdout : process.stderr).write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
