import { z } from "zod";
import { withEndpoints } from "./endpoints.ts";
import { OperatorError } from "./errors.ts";
import type { FeedTiming } from "./feed/feed.ts";
import { policyNames } from "./feed/price/policies.ts";
import type { Pricing } from "./feed/price/quotes.ts";
import { defaultSources, sources } from "./sources/index.ts";
import type { Source } from "./sources/source.ts";
import {
  assetList,
  duration,
  listOf,
  originList,
  size,
  sourceList,
  speed,
  whole,
} from "./values.ts";
import { defaultLimits, type Limits } from "./wire/limits.ts";

const namesOf = (list: readonly Source[]): string[] => list.map(({ name }) => name);

const fields = {
  port: whole(0, 65_535),
  host: z.string().min(1, "is empty"),
  assets: assetList.optional(),
  sourceFile: z.array(z.string()),
  endpoint: z.array(z.string()),
  staleAfter: duration,
  failoverAfter: duration,
  hold: duration,
  policy: z.enum(policyNames, { error: `must be ${policyNames.join(" or ")}` }),
  minSources: whole(1, 100),
  maxClients: whole(1, 1_000_000),
  maxClientsPerIp: whole(1, 1_000_000),
  maxHandshakes: whole(1, 1_000_000),
  maxAssets: whole(1, 1_000_000),
  trustedProxies: whole(0, 10),
  origins: originList.optional(),
  metadata: z.enum(["auto", "off"], { error: "must be auto or off" }),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"], {
    error: "must be debug, info, warn, error or silent",
  }),
  replay: z.string().optional(),
  speed,
  loop: z.boolean(),
  record: z.string().optional(),
  for: duration.optional(),
  maxSize: size.optional(),
};

const schema = (known: readonly Source[]) =>
  z.object({ ...fields, sources: sourceList(namesOf(known)) });

type Values = z.infer<ReturnType<typeof schema>>;

/** The configuration, checked. Durations in ms. */
export type Config = Values & {
  /** All sources there are, at the addresses of `endpoint`, whether they are to speak or not. */
  known: readonly Source[];
};

/** Where a setting comes from: its flag first, then its environment variable, then the default. */
export type Setting = {
  flag: string;
  env?: string;
  fallback?: string | false;
  /** May be given several times; in the variable separated by commas. */
  repeatable?: true;
  meaning: string;
};

export const settings: Record<keyof Values, Setting> = {
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
    fallback: namesOf(defaultSources).join(","),
    meaning: "exchanges in order of preference",
  },
  assets: {
    flag: "--assets <names>",
    env: "PRICE_STREAM_ASSETS",
    meaning: "the only assets to take and to serve, by id or symbol",
  },
  sourceFile: {
    flag: "--source-file <path>",
    env: "PRICE_STREAM_SOURCE_FILES",
    repeatable: true,
    meaning: "a module with an exchange of your own, the last in order unless --sources names it",
  },
  endpoint: {
    flag: "--endpoint <name=url>",
    env: "PRICE_STREAM_ENDPOINTS",
    repeatable: true,
    meaning: "another address of an exchange: name=wss://…, or name.rest=https://…",
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
  policy: {
    flag: "--policy <name>",
    env: "PRICE_STREAM_POLICY",
    fallback: "priority",
    meaning: "one price of many: priority (the first exchange that is well) or median (of all)",
  },
  minSources: {
    flag: "--min-sources <number>",
    env: "PRICE_STREAM_MIN_SOURCES",
    fallback: "2",
    meaning: "fewer exchanges that agree make a median thin, and it says so",
  },
  maxClients: {
    flag: "--max-clients <number>",
    env: "PRICE_STREAM_MAX_CLIENTS",
    fallback: String(defaultLimits.clients),
    meaning: "WebSocket connections and event streams in all",
  },
  maxClientsPerIp: {
    flag: "--max-clients-per-ip <number>",
    env: "PRICE_STREAM_MAX_CLIENTS_PER_IP",
    fallback: String(defaultLimits.clientsPerIp),
    meaning: "of these, from one address",
  },
  maxHandshakes: {
    flag: "--max-handshakes <number>",
    env: "PRICE_STREAM_MAX_HANDSHAKES",
    fallback: String(defaultLimits.handshakesPerS),
    meaning: "new ones in a second",
  },
  maxAssets: {
    flag: "--max-assets <number>",
    env: "PRICE_STREAM_MAX_ASSETS",
    fallback: String(defaultLimits.assetsPerSubscription),
    meaning: "assets that one client may name in its subscription",
  },
  trustedProxies: {
    flag: "--trusted-proxies <hops>",
    env: "PRICE_STREAM_TRUSTED_PROXIES",
    fallback: String(defaultLimits.trustedProxies),
    meaning: "how many proxies in front tell a client's address in X-Forwarded-For",
  },
  origins: {
    flag: "--origins <origins>",
    env: "PRICE_STREAM_ORIGINS",
    meaning: "whose pages may connect, all if not given: https://a.example,https://*.a.example",
  },
  metadata: {
    flag: "--metadata <auto|off>",
    env: "PRICE_STREAM_METADATA",
    fallback: "auto",
    meaning: "whether to ask CoinGecko for market caps, volumes and ranks",
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
 * @param outside the sources of `--source-file`
 * @throws OperatorError that lists every problem
 */
export function readConfig(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined>,
  outside: readonly Source[] = [],
): Config {
  const all = [...sources, ...outside];
  const origins = new Map<string, string>();
  const values = Object.entries(settings).map(([name, setting]) => {
    const { flag, env: variable, fallback, repeatable } = setting;
    const fromEnv = variable ? env[variable] || undefined : undefined;
    origins.set(
      name,
      flags[name] === undefined && fromEnv ? `${variable}` : (flag.split(" ")[0] ?? ""),
    );
    if (repeatable) return [name, flags[name] ?? listOf(fromEnv)];
    // Whoever can read a recording plays it.
    const players = name === "sources" && flags.replay ? namesOf(all).join(",") : undefined;
    return [name, flags[name] ?? fromEnv ?? players ?? fallback];
  });
  const given = Object.fromEntries(values);
  const parsed = schema(all).safeParse(given);
  const problems = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]);
    return `${origins.get(name)} ${given[name]} ${message}.`;
  });
  const moved = withEndpoints(all, given.endpoint);
  problems.push(...moved.problems.map((problem) => `${origins.get("endpoint")} ${problem}.`));
  if (!given.replay && (given.loop || flags.speed !== undefined)) {
    problems.push("--speed and --loop go with --replay FILE.");
  }
  if (given.replay && given.record) problems.push("--record and --replay exclude each other.");
  if (!given.record && (given.for || given.maxSize)) {
    problems.push("--for and --max-size go with --record FILE.");
  }
  if (parsed.success && problems.length === 0) {
    const named = new Set([...parsed.data.sources, ...namesOf(outside)]);
    return { ...parsed.data, sources: [...named], known: moved.sources };
  }
  throw new OperatorError(`The configuration has problems:\n  ${problems.join("\n  ")}`, 2);
}

/** How one price is made of many. */
export const pricing = ({ policy, minSources }: Config): Pricing => ({ policy, minSources });

/** What anybody may take of the gateway. */
export const limits = (config: Config): Partial<Limits> => ({
  clients: config.maxClients,
  clientsPerIp: config.maxClientsPerIp,
  handshakesPerS: config.maxHandshakes,
  assetsPerSubscription: config.maxAssets,
  trustedProxies: config.trustedProxies,
  origins: config.origins,
});

/** The files of `--source-file`, which must be loaded before the rest can be checked. */
export function sourceFiles(
  flags: { sourceFile?: readonly string[] },
  env: Record<string, string | undefined>,
): readonly string[] {
  return flags.sourceFile ?? listOf(env[settings.sourceFile.env ?? ""]);
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
