import { Command, CommanderError, Option } from "commander";
import { z } from "zod";
import type { Question } from "./observe/observe.ts";
import { hasMore, readTarget } from "./target.ts";
import { defaultTiming } from "./timing.ts";

/** What was asked for on the command line. */
export type Options = Omit<Question, "version"> & {
  token: string | undefined;
  json: boolean;
  watch: boolean;
};

/** The doctor was called in a way that it does not understand; or was asked for help, which is no failure. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitCode: 0 | 2;

  constructor(message: string, exitCode: 0 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Updates come each second: less would be no watching. */
const LEAST_MS = 3000;
const MOST_MS = 24 * 3_600_000;
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const Flags = z.object({
  url: z
    .string()
    .refine(
      (text) => !hasMore(text),
      "the URL of a gateway has no ?query, no #fragment and no user:password@ in it; a token goes with --token or DOCTOR_TOKEN",
    )
    .transform(readTarget)
    .refine(
      (target) => target !== undefined,
      "the URL of a gateway is like https://prices.example or ws://localhost:8000/ws/prices",
    ),
  watch: z.boolean().default(false),
  json: z.boolean().default(false),
  for: z
    .string()
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, "--for is no duration: write it like 60s or 10m")
    .transform((text) => Number.parseFloat(text) * (UNITS[text.replace(/[\d.]/g, "")] ?? 1))
    .refine((ms) => ms >= LEAST_MS && ms <= MOST_MS, "--for must be between 3s and 24h")
    .default(defaultTiming.watchMs),
  assets: z
    .string()
    .regex(
      /^[\w-]{1,64}(,[\w-]{1,64})*$/,
      "--assets is no list: write ids or symbols, like bitcoin,ETH",
    )
    .transform((text) => text.split(","))
    .default([]),
  token: z
    .string()
    // CI has an empty variable where a secret is not set.
    .regex(/^[\w.~-]*$/, "--token can only have letters, digits and -._~")
    .transform((token) => (token === "" ? undefined : token))
    .optional(),
  page: z
    .string()
    .refine(
      (url) => /^https?:\/\/./.test(url) && URL.canParse(url),
      "--page is no URL of a page, like https://app.example",
    )
    .optional(),
});

/**
 * Reads the arguments after the program's name.
 * @throws UsageError naming everything that is wrong
 */
export function readOptions(args: readonly string[], version: string): Options {
  const said: string[] = [];
  const write = (text: string) => said.push(text);
  const program = new Command("price-stream-doctor")
    .description("Checks a price stream gateway from outside, and says what to mend first.")
    .argument("<url>", "http(s):// or ws(s)://, with or without /ws/prices")
    .option("--watch", "go on until Ctrl-C or SIGTERM, and tell what changes")
    .option("--json", "one JSON object, for programs")
    .option("--assets <names>", "assets that must have live prices: bitcoin,ETH")
    .option("--for <duration>", "watch the streams for so long (default 15s)")
    // Others on the machine can read the flags of all processes.
    .addOption(
      new Option("--token <token>", "shown to a gateway that asks for one").env("DOCTOR_TOKEN"),
    )
    .option("--page <url>", "check that this page may connect: its policy, its origin")
    .version(version)
    .addHelpText("after", "\nExit code: 0 all is well, 1 something fails, 2 wrong use.")
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const hint = error.exitCode === 0 ? "" : "See --help for what there is.";
    throw new UsageError(`${said.join("")}${hint}`.trimEnd(), error.exitCode === 0 ? 0 : 2);
  }
  const read = Flags.safeParse({ ...program.opts(), url: program.args[0] });
  if (!read.success) {
    throw new UsageError(read.error.issues.map(({ message }) => message).join("\n"), 2);
  }
  const { url: target, assets, page, token, json, watch, for: watchMs } = read.data;
  const named = target.asset === undefined ? [] : [target.asset];
  return {
    target,
    page,
    token,
    json,
    watch,
    wanted: [...new Set([...named, ...assets])],
    timing: { ...defaultTiming, watchMs, gapMs: Math.min(defaultTiming.gapMs, watchMs / 2) },
  };
}
