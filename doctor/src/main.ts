#!/usr/bin/env node
import { lookup } from "node:dns/promises";
import { systemClock } from "@cryptovault/price-stream";
import manifest from "../package.json" with { type: "json" };
import { diagnose } from "./checks/index.ts";
import { observe } from "./observe/observe.ts";
import { type Options, readOptions, UsageError } from "./options.ts";
import { lookOf } from "./report/text.ts";
import { run } from "./run.ts";
import { duration } from "./words.ts";

/** From one look to the next, with `--watch`, ms. */
const PAUSE_MS = 5000;

const { version } = manifest;
const { stdout, stderr } = process;

async function examine(options: Options): Promise<void> {
  const { json, watch, token, ...question } = options;
  const { target, timing } = question;
  const clock = systemClock();
  const means = {
    clock,
    token,
    // Node has its own way to name another: NODE_EXTRA_CA_CERTS.
    ca: undefined,
    wallNow: Date.now,
    lookup: (name: string) => lookup(name, { all: true }),
  };
  if (watch) {
    // As the shell has it where there is no state yet to end with.
    process.on("SIGINT", () => process.exit(process.exitCode ?? 130));
    process.on("SIGTERM", () => process.exit(process.exitCode ?? 143));
  }
  if (!json) {
    stdout.write(
      `Looking at ${target.http}; streams are watched for ${duration(timing.watchMs)}.\n\n`,
    );
  }
  await run(options, {
    examine: async () => diagnose(await observe({ ...question, version }, means)),
    print: (text) => stdout.write(`${text}\n`),
    settle(well) {
      process.exitCode = well ? 0 : 1;
    },
    async pause() {
      if (!watch) return false;
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
      return true;
    },
    now: () => new Date(),
    look: lookOf(stdout, process.env),
  });
}

try {
  await examine(readOptions(process.argv.slice(2), version));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  (error.exitCode === 0 ? stdout : stderr).write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
