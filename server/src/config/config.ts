import { z } from "zod";
import { OperatorError } from "../errors.ts";
import type { FeedTiming } from "../feed/feed.ts";
import type { Pricing } from "../feed/price/quotes.ts";
import { sources } from "../sources/index.ts";
import type { Source } from "../sources/source.ts";
import type { Limits } from "../wire/limits.ts";
import { withEndpoints } from "./endpoints.ts";
import { withoutSecrets } from "./secrets.ts";
import { type Described, nameOf, schema, settingList, settings, type Values } from "./settings.ts";
import { unknownVariables } from "./unknown.ts";
import { listOf } from "./values.ts";

/** The configuration, checked. Durations in ms. */
export type Config = Values & {
  /** All sources there are, at the addresses of `endpoint`, whether they are to speak or not. */
  known: readonly Source[];
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags by the name of the setting. */
export type Flags = Readonly<Record<string, unknown>>;

/** The text of a setting, and where it comes from: a flag, a variable, or `default`. */
export type Given = { text: unknown; from: string };

/**
 * Reads the configuration from flags (by setting name) and environment.
 * @param outside the sources of `--source-file`
 * @throws OperatorError that lists every problem
 */
export function readConfig(
  flags: Flags,
  env: Environment,
  outside: readonly Source[] = [],
): Config {
  const known = [...sources, ...outside];
  const given = new Map(settingList.map((setting) => [setting.name, givenOf(setting, flags, env)]));
  const text = (name: string) => given.get(name)?.text;
  // Whoever can read a recording plays it.
  if (flags.replay && given.get("sources")?.from === DEFAULT) {
    given.set("sources", { text: namesOf(known).join(","), from: DEFAULT });
  }
  const problems: string[] = [];
  const complain = (name: string, what: string) => problems.push(sentence(name, given, what));
  const texts = Object.fromEntries([...given].map(([name, { text }]) => [name, text]));
  const { data, error } = schema.safeParse(texts);
  for (const { path, message } of error?.issues ?? []) complain(String(path[0]), message);
  const unknown = listOf(String(text("sources"))).filter((name) => !namesOf(known).includes(name));
  if (unknown.length > 0) {
    const hint = `known sources: ${namesOf(known).join(", ")}`;
    complain("sources", `names no source with ${unknown.join(", ")}: ${hint}`);
  }
  const endpoints = z.array(z.string()).catch([]).parse(text("endpoint"));
  const moved = withEndpoints(known, endpoints);
  problems.push(...moved.problems.map((what) => `${given.get("endpoint")?.from} ${what}.`));
  problems.push(...conflicts(text, flags), ...unknownVariables(env));
  if (!data || problems.length > 0) {
    const told = withoutSecrets(problems.join("\n  "));
    throw new OperatorError(`The configuration has problems:\n  ${told}`, 2);
  }
  const named = new Set([...data.sources, ...namesOf(outside)]);
  return { ...data, sources: [...named], known: moved.sources };
}

const DEFAULT = "default";

/** What is given for a setting. An empty variable is none. */
export function givenOf(setting: Described, flags: Flags, env: Environment): Given {
  const { name, env: variable, fallback, repeatable } = setting;
  if (flags[name] !== undefined) return { text: flags[name], from: nameOf(setting) };
  const fromEnv = variable ? env[variable] || undefined : undefined;
  if (variable && fromEnv !== undefined) {
    return { text: repeatable ? listOf(fromEnv) : fromEnv, from: variable };
  }
  return { text: repeatable ? [] : fallback, from: DEFAULT };
}

function sentence(name: string, given: ReadonlyMap<string, Given>, what: string): string {
  const setting = settingList.find((one) => one.name === name);
  const { text, from } = given.get(name) ?? {};
  return `${from} ${setting?.secret ? "" : `${text} `}${what}.`;
}

/** Settings that exclude each other, or go together. */
function conflicts(text: (name: string) => unknown, flags: Flags): string[] {
  const problems: string[] = [];
  const given = (...names: string[]) => names.filter((name) => text(name) !== undefined);
  if (!text("replay") && (text("loop") || flags.speed !== undefined)) {
    problems.push("--speed and --loop go with --replay FILE.");
  }
  if (text("replay") && text("record")) problems.push("--record and --replay exclude each other.");
  if (text("replay") && text("stateFile")) {
    problems.push("--state-file and --replay exclude each other: a replay has its own time.");
  }
  if (!text("record") && given("for", "maxSize").length > 0) {
    problems.push("--for and --max-size go with --record FILE.");
  }
  if (given("tlsCert", "tlsKey").length === 1) {
    problems.push("--tls-cert and --tls-key go together: TLS wants a certificate and its key.");
  }
  const signers = given("jwtSecret", "jwtKey", "jwksUrl").length;
  if (signers > 1) {
    problems.push(
      "PRICE_STREAM_JWT_SECRET, --jwt-key and --jwks-url exclude each other: tokens are signed in one way.",
    );
  }
  if (signers === 0 && given("jwtIssuer", "jwtAudience").length > 0) {
    problems.push(
      "--jwt-issuer and --jwt-audience go with PRICE_STREAM_JWT_SECRET, --jwt-key or --jwks-url.",
    );
  }
  if (Number(text("adminPort")) === Number(text("port")) && Number(text("port")) !== 0) {
    problems.push("--admin-port and --port must differ.");
  }
  return problems;
}

const namesOf = (list: readonly Source[]): string[] => list.map(({ name }) => name);

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

/** Where health and metrics are for who runs the gateway, and what lets in to the metrics. */
export const adminOf = ({ adminPort: port, adminHost: host, adminToken: token }: Config) => ({
  at: port === undefined ? undefined : { host, port },
  token,
});

/** The files of `--source-file`, which must be loaded before the rest can be checked. */
export function sourceFiles(flags: Flags, env: Environment): readonly string[] {
  const { text } = givenOf({ name: "sourceFile", ...settings.sourceFile }, flags, env);
  return z.array(z.string()).parse(text);
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
