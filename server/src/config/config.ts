import { z } from "zod";
import { OperatorError } from "../errors.ts";
import type { Pricing } from "../feed/price/quotes.ts";
import { defaultTiming, type FeedTiming } from "../feed/timing.ts";
import { sources } from "../sources/index.ts";
import type { Source } from "../sources/source.ts";
import type { Limits } from "../wire/limits.ts";
import { withEndpoints } from "./endpoints.ts";
import { DEFAULT, type Environment, type Flags, type Given, givenOf } from "./given.ts";
import { exchanges } from "./groups/exchanges.ts";
import { shown } from "./secrets.ts";
import type { Asked } from "./setting.ts";
import { groups, schema, settingList, type Values, variablesOf } from "./settings.ts";
import { unknownVariables } from "./unknown.ts";
import { listOf } from "./values.ts";

/** The configuration, checked. Durations in ms. */
export type Config = Values & {
  /** All sources there are, at the addresses of `endpoint`, whether they are to speak or not. */
  known: readonly Source[];
};

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
  for (const { path, message } of error?.issues ?? []) {
    const name = String(path[0]);
    complain(name, text(name) === "" ? "is empty: give it a value, or unset it" : message);
  }
  const unknown = listOf(String(text("sources"))).filter((name) => !namesOf(known).includes(name));
  if (unknown.length > 0) {
    const hint = `known sources: ${namesOf(known).join(", ")}`;
    complain("sources", `names no source with ${unknown.join(", ")}: ${hint}`);
  }
  const endpoints = z.array(z.string()).catch([]).parse(text("endpoint"));
  const moved = withEndpoints(known, endpoints);
  problems.push(...moved.problems.map((what) => `${given.get("endpoint")?.from} ${what}.`));
  problems.push(...conflicts(given), ...unknownVariables(env, variablesOf(known)));
  if (!data || problems.length > 0) {
    throw new OperatorError(`The configuration has problems:\n  ${problems.join("\n  ")}`, 2);
  }
  const named = new Set([...data.sources, ...namesOf(outside)]);
  return { ...data, sources: [...named], known: moved.sources };
}

function sentence(name: string, given: ReadonlyMap<string, Given>, what: string): string {
  const setting = settingList.find((one) => one.name === name);
  const { text, from } = given.get(name) ?? {};
  const value = setting && !setting.secret ? `${shown(setting, text)} ` : "";
  return `${from} ${value}${what}.`;
}

/** What of the settings excludes each other, or goes together. */
function conflicts(given: ReadonlyMap<string, Given>): string[] {
  const isGiven = (name: string) => given.has(name) && given.get(name)?.from !== DEFAULT;
  const asked: Asked = {
    textOf: (name) => given.get(name)?.text,
    howMany: (...names) => names.filter(isGiven).length,
  };
  return groups.flatMap((group) => group.conflicts?.(asked) ?? []).flatMap((what) => what || []);
}

const namesOf = (list: readonly Source[]): string[] => list.map(({ name }) => name);

/** How one price is made of many. */
export const pricing = ({ policy, minSources }: Config): Pricing => ({ policy, minSources });

/** What anybody may take of the gateway. */
export const limits = (config: Config): Partial<Limits> => ({
  clients: config.maxClients,
  clientsPerIp: config.maxClientsPerIp,
  handshakesPerS: config.maxHandshakes,
  requestsPerIpPerS: config.maxRequestsPerIp,
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
  const { text } = givenOf({ name: "sourceFile", ...exchanges.settings.sourceFile }, flags, env);
  return z.array(z.string()).parse(text);
}

/** Waits and limits of the feed, with those of the configuration. */
export const feedTiming = (
  config: Pick<Config, "staleAfter" | "failoverAfter" | "hold">,
): FeedTiming => ({
  ...defaultTiming,
  staleAfterMs: config.staleAfter,
  failoverAfterMs: config.failoverAfter,
  holdMs: config.hold,
});
