import { z } from "zod";
import { OperatorError } from "./errors.ts";
import type { FeedTiming } from "./feed/feed.ts";
import { sourceNames } from "./sources/index.ts";

/** A duration as a person writes it (`500ms`, `30s`, `5m`), in ms. */
const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m)$/, "is no duration: write it like 500ms, 30s or 5m")
  .transform((text) => Number.parseFloat(text) * (UNITS[text.replace(/[\d.]/g, "")] ?? 1))
  .refine((ms) => ms >= 100 && ms <= 86_400_000, "must be between 100ms and 1440m");

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "is no number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be between ${least} and ${most}`);

/** A size as a person writes it (`500MB`), in bytes. */
const size = z
  .string()
  .regex(/^\d+(\.\d+)?(kB|MB|GB)$/i, "is no size: write it like 500MB")
  .transform((text) => Number.parseFloat(text) * (SIZES[text.slice(-2).toLowerCase()] ?? 1))
  .refine((bytes) => bytes >= 1000, "must be 1kB or more");

const SIZES: Record<string, number> = { kb: 1e3, mb: 1e6, gb: 1e9 };

const speed = z.union(
  [z.literal("max").transform(() => Number.POSITIVE_INFINITY), number(0.01, 1000)],
  {
    error: "must be max, or a number from 0.01 to 1000",
  },
);

const sourceList = z
  .string()
  .transform((text) => text.split(",").map((name) => name.trim()))
  .superRefine((names, { addIssue }) => {
    const unknown = names.filter((name) => !sourceNames.includes(name));
    const known = `known sources: ${sourceNames.join(", ")}`;
    if (unknown.length > 0) addIssue(`names no source with ${unknown.join(", ")}: ${known}`);
    if (new Set(names).size < names.length) addIssue("names a source twice");
  });

const schema = z.object({
  port: number(0, 65_535).refine(Number.isInteger, "must be a whole number"),
  host: z.string().min(1, "is empty"),
  sources: sourceList,
  staleAfter: duration,
  failoverAfter: duration,
  hold: duration,
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"], {
    error: "must be debug, info, warn, error or silent",
  }),
  replay: z.string().optional(),
  speed,
  loop: z.boolean(),
  record: z.string().optional(),
  for: duration.optional(),
  maxSize: size.optional(),
});

/** The configuration, checked. Durations in ms. */
export type Config = z.infer<typeof schema>;

/** Where a setting comes from: its flag first, then its environment variable, then the default. */
export type Setting = {
  flag: string;
  env?: string;
  fallback?: string | false;
  meaning: string;
};

export const settings: Record<keyof Config, Setting> = {
  port: { flag: "--port <number>", env: "PORT", fallback: "8000", meaning: "port to listen on" },
  host: {
    flag: "--host <address>",
    env: "HOST",
    fallback: "0.0.0.0",
    meaning: "address to listen on",
  },
  sources: {
    flag: "--sources <names>",
    env: "PRICE_STREAM_SOURCES",
    fallback: sourceNames.join(","),
    meaning: "exchanges in order of preference",
  },
  staleAfter: {
    flag: "--stale-after <time>",
    env: "PRICE_STREAM_STALE_AFTER",
    fallback: "60s",
    meaning: "age from which a price is stale",
  },
  failoverAfter: {
    flag: "--failover-after <time>",
    env: "PRICE_STREAM_FAILOVER_AFTER",
    fallback: "30s",
    meaning: "silence after which an exchange loses its assets to the next",
  },
  hold: {
    flag: "--hold <time>",
    env: "PRICE_STREAM_HOLD",
    fallback: "30s",
    meaning: "how long an exchange must be back before it speaks again",
  },
  logLevel: {
    flag: "--log-level <level>",
    env: "LOG_LEVEL",
    fallback: "info",
    meaning: "debug, info, warn, error or silent",
  },
  replay: {
    flag: "--replay <file>",
    meaning: "play recorded traffic instead of the live exchanges",
  },
  speed: {
    flag: "--speed <factor>",
    fallback: "1",
    meaning: "pace of a replay: 2 is twice as fast, max as fast as can be",
  },
  loop: { flag: "--loop", fallback: false, meaning: "begin a replay again at its end" },
  record: { flag: "--record <file>", meaning: "record the live exchanges while serving them" },
  for: { flag: "--for <time>", meaning: "end the recording after so long" },
  maxSize: { flag: "--max-size <size>", meaning: "end the recording at about this size: 500MB" },
};

/**
 * Reads the configuration from flags (by setting name) and environment.
 * @throws OperatorError that lists every problem
 */
export function readConfig(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined>,
): Config {
  const origins = new Map<string, string>();
  const values = Object.entries(settings).map(([name, { flag, env: variable, fallback }]) => {
    const fromEnv = variable ? env[variable] || undefined : undefined;
    origins.set(
      name,
      flags[name] === undefined && fromEnv ? `${variable}` : (flag.split(" ")[0] ?? ""),
    );
    return [name, flags[name] ?? fromEnv ?? fallback];
  });
  const given = Object.fromEntries(values);
  const parsed = schema.safeParse(given);
  const problems = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]);
    return `${origins.get(name)} ${given[name]} ${message}.`;
  });
  if (!given.replay && (given.loop || flags.speed !== undefined)) {
    problems.push("--speed and --loop go with --replay FILE.");
  }
  if (given.replay && given.record) problems.push("--record and --replay exclude each other.");
  if (!given.record && (given.for || given.maxSize)) {
    problems.push("--for and --max-size go with --record FILE.");
  }
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new OperatorError(`The configuration has problems:\n  ${problems.join("\n  ")}`, 2);
}

/** Waits and limits of the feed, with those of the configuration. */
export const feedTiming = (
  config: Pick<Config, "staleAfter" | "failoverAfter" | "hold">,
): FeedTiming => ({
  staleAfterMs: config.staleAfter,
  failoverAfterMs: config.failoverAfter,
  holdMs: config.hold,
  connectTimeoutMs: 10_000,
  stableMs: 60_000,
  backoff: { baseMs: 1000, capMs: 30_000 },
  fatalRetryMs: 300_000,
});
