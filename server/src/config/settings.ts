import { z } from "zod";
import { policyNames } from "../feed/price/policies.ts";
import { defaultSources, sources } from "../sources/index.ts";
import type { Source } from "../sources/source.ts";
import { defaultLimits } from "../wire/limits.ts";
import {
  apiKeys,
  assetList,
  duration,
  jwtSecret,
  names,
  originList,
  secret,
  size,
  speed,
  webAddress,
  whole,
} from "./values.ts";

/** One setting. It is taken from its flag first, then from its environment variable, then the default. */
export type Setting = {
  /** How its text is read and checked. */
  value: z.ZodType;
  flag?: string;
  env?: string;
  fallback?: string | false;
  /** May be given several times; in the variable separated by commas. */
  repeatable?: true;
  /** Never shown, and without a flag: others on the machine can read those. */
  secret?: true;
  meaning: string;
};

const defaultNames = defaultSources.map(({ name }) => name);
const otherNames = sources.map(({ name }) => name).filter((name) => !defaultNames.includes(name));

const file = z.string().min(1, "is empty");

/** Every setting there is. Durations in ms, sizes in bytes. */
export const settings = {
  port: {
    value: whole(0, 65_535),
    flag: "--port <number>",
    env: "PORT",
    fallback: "8000",
    meaning: "port to listen on",
  },
  host: {
    value: z.string().min(1, "is empty"),
    flag: "--host <address>",
    env: "HOST",
    fallback: "0.0.0.0",
    meaning: "address to listen on",
  },
  tlsCert: {
    value: file.optional(),
    flag: "--tls-cert <file>",
    env: "PRICE_STREAM_TLS_CERT",
    meaning:
      "certificate chain (PEM), to speak TLS without a proxy in front; SIGHUP reads it again",
  },
  tlsKey: {
    value: file.optional(),
    flag: "--tls-key <file>",
    env: "PRICE_STREAM_TLS_KEY",
    meaning: "private key of that certificate (PEM)",
  },
  sources: {
    value: names,
    flag: "--sources <names>",
    env: "PRICE_STREAM_SOURCES",
    fallback: defaultNames.join(","),
    meaning: `exchanges in order of preference; also ${otherNames.join(", ")}`,
  },
  assets: {
    value: assetList.optional(),
    flag: "--assets <names>",
    env: "PRICE_STREAM_ASSETS",
    meaning: "the only assets to take and to serve, by id or symbol: bitcoin,ETH",
  },
  sourceFile: {
    value: z.array(z.string()),
    flag: "--source-file <path>",
    env: "PRICE_STREAM_SOURCE_FILES",
    repeatable: true,
    meaning: "a module with an exchange of your own, the last in order unless --sources names it",
  },
  endpoint: {
    value: z.array(z.string()),
    flag: "--endpoint <name=url>",
    env: "PRICE_STREAM_ENDPOINTS",
    repeatable: true,
    meaning: "another address of an exchange: name=wss://…, or name.rest=https://…",
  },
  coingeckoKey: {
    value: secret.optional(),
    env: "COINGECKO_API_KEY",
    secret: true,
    meaning: "demo key for CoinGecko; without one its limit is that of your IP address",
  },
  metadata: {
    value: z.enum(["auto", "off"], { error: "must be auto or off" }),
    flag: "--metadata <auto|off>",
    env: "PRICE_STREAM_METADATA",
    fallback: "auto",
    meaning: "whether to ask CoinGecko for market caps, volumes and ranks",
  },
  staleAfter: {
    value: duration,
    flag: "--stale-after <time>",
    env: "PRICE_STREAM_STALE_AFTER",
    fallback: "60s",
    meaning: "age from which a price is stale",
  },
  failoverAfter: {
    value: duration,
    flag: "--failover-after <time>",
    env: "PRICE_STREAM_FAILOVER_AFTER",
    fallback: "30s",
    meaning: "silence after which an exchange loses its assets to the next",
  },
  hold: {
    value: duration,
    flag: "--hold <time>",
    env: "PRICE_STREAM_HOLD",
    fallback: "30s",
    meaning: "how long an exchange must be back before it speaks again",
  },
  policy: {
    value: z.enum(policyNames, { error: `must be ${policyNames.join(" or ")}` }),
    flag: "--policy <name>",
    env: "PRICE_STREAM_POLICY",
    fallback: "priority",
    meaning:
      "one price of many: priority (the first exchange that is well) or median (of all fresh ones; outliers are left out)",
  },
  minSources: {
    value: whole(1, 100),
    flag: "--min-sources <number>",
    env: "PRICE_STREAM_MIN_SOURCES",
    fallback: "2",
    meaning: "fewer exchanges that agree make a median thin, and it says so",
  },
  origins: {
    value: originList.optional(),
    flag: "--origins <origins>",
    env: "PRICE_STREAM_ORIGINS",
    meaning:
      "whose pages may connect, all if not given: https://a.example,https://*.a.example; the gateway's own page too must be named",
  },
  apiKeys: {
    value: apiKeys.optional(),
    env: "PRICE_STREAM_API_KEYS",
    secret: true,
    meaning: "who may have prices, all if not given: web=KEY,mobile=KEY; logs tell the names only",
  },
  jwtSecret: {
    value: jwtSecret.optional(),
    env: "PRICE_STREAM_JWT_SECRET",
    secret: true,
    meaning: "lets in who brings a token (JWT) signed with it by HS256",
  },
  jwtKey: {
    value: file.optional(),
    flag: "--jwt-key <file>",
    env: "PRICE_STREAM_JWT_KEY",
    meaning: "lets in who brings a token signed by ES256: the public key (PEM)",
  },
  jwksUrl: {
    value: webAddress.optional(),
    flag: "--jwks-url <url>",
    env: "PRICE_STREAM_JWKS_URL",
    meaning:
      "lets in who brings a token signed with a key of this JSON Web Key Set (ES256, RS256, EdDSA)",
  },
  jwtIssuer: {
    value: z.string().min(1, "is empty").optional(),
    flag: "--jwt-issuer <name>",
    env: "PRICE_STREAM_JWT_ISSUER",
    meaning: "the iss that a token must have",
  },
  jwtAudience: {
    value: z.string().min(1, "is empty").optional(),
    flag: "--jwt-audience <name>",
    env: "PRICE_STREAM_JWT_AUDIENCE",
    meaning: "the aud that a token must have",
  },
  maxClients: {
    value: whole(1, 1_000_000),
    flag: "--max-clients <number>",
    env: "PRICE_STREAM_MAX_CLIENTS",
    fallback: String(defaultLimits.clients),
    meaning: "WebSocket connections and event streams in all",
  },
  maxClientsPerIp: {
    value: whole(1, 1_000_000),
    flag: "--max-clients-per-ip <number>",
    env: "PRICE_STREAM_MAX_CLIENTS_PER_IP",
    fallback: String(defaultLimits.clientsPerIp),
    meaning: "of these, from one address; of IPv6, from one /64",
  },
  maxHandshakes: {
    value: whole(1, 1_000_000),
    flag: "--max-handshakes <number>",
    env: "PRICE_STREAM_MAX_HANDSHAKES",
    fallback: String(defaultLimits.handshakesPerS),
    meaning: `new ones in a second; from one address at most ${defaultLimits.handshakesPerIpPerS}`,
  },
  maxAssets: {
    value: whole(1, 1_000_000),
    flag: "--max-assets <number>",
    env: "PRICE_STREAM_MAX_ASSETS",
    fallback: String(defaultLimits.assetsPerSubscription),
    meaning: "assets that one client may name in its subscription",
  },
  trustedProxies: {
    value: whole(0, 10),
    flag: "--trusted-proxies <hops>",
    env: "PRICE_STREAM_TRUSTED_PROXIES",
    fallback: String(defaultLimits.trustedProxies),
    meaning:
      "how many proxies stand in front: so many entries at the end of X-Forwarded-For are believed, else all clients behind a proxy count as one address",
  },
  adminPort: {
    value: whole(0, 65_535).optional(),
    flag: "--admin-port <number>",
    env: "PRICE_STREAM_ADMIN_PORT",
    meaning: "another port, for /metrics and health alone: keep it from the public",
  },
  adminHost: {
    value: z.string().min(1, "is empty"),
    flag: "--admin-host <address>",
    env: "PRICE_STREAM_ADMIN_HOST",
    fallback: "127.0.0.1",
    meaning: "address of that port",
  },
  adminToken: {
    value: secret.optional(),
    env: "PRICE_STREAM_ADMIN_TOKEN",
    secret: true,
    meaning: "lets in to /metrics on the public port: Authorization: Bearer TOKEN",
  },
  drain: {
    value: duration,
    flag: "--drain <time>",
    env: "PRICE_STREAM_DRAIN",
    fallback: "15s",
    meaning: "after SIGTERM clients are sent away spread over so long; it is all over 8s later",
  },
  stateFile: {
    value: file.optional(),
    flag: "--state-file <path>",
    env: "PRICE_STREAM_STATE_FILE",
    meaning: "keeps prices and positions here over a restart, so that clients resume",
  },
  logLevel: {
    value: z.enum(["debug", "info", "warn", "error", "silent"], {
      error: "must be debug, info, warn, error or silent",
    }),
    flag: "--log-level <level>",
    env: "LOG_LEVEL",
    fallback: "info",
    meaning: "debug, info, warn, error or silent",
  },
  replay: {
    value: z.string().optional(),
    flag: "--replay <file>",
    meaning: "play recorded traffic instead of the live exchanges",
  },
  speed: {
    value: speed,
    flag: "--speed <factor>",
    fallback: "1",
    meaning: "pace of a replay: 2 is twice as fast, max as fast as can be",
  },
  loop: {
    value: z.boolean(),
    flag: "--loop",
    fallback: false,
    meaning: "begin a replay again at its end",
  },
  record: {
    value: z.string().optional(),
    flag: "--record <file>",
    meaning: "record the live exchanges while serving them",
  },
  for: {
    value: duration.optional(),
    flag: "--for <time>",
    meaning: "end the recording after so long",
  },
  maxSize: {
    value: size.optional(),
    flag: "--max-size <size>",
    meaning: "end the recording at about this size: 500MB",
  },
} as const satisfies Record<string, Setting>;

/** All settings, by name. */
export const schema = z.object(shapeOf(settings));

/** What the settings are, read and checked. */
export type Values = z.infer<typeof schema>;

/** The settings in their order. */
export const settingList: readonly (Setting & { name: string })[] = Object.entries(settings).map(
  ([name, setting]) => ({ ...setting, name }),
);

/** What a person is told of a setting. */
export type Described = Omit<Setting, "value"> & { name: string };

/** The keys of exchanges, whose variables the sources name. */
export const keySettings = (known: readonly Source[]): Described[] =>
  [...Map.groupBy(known, ({ facts }) => facts.keyVariable)].flatMap(([env, holders]) => {
    if (env === undefined) return [];
    const names = holders.map(({ name }) => name).join(" and ");
    return [
      { name: env, env, secret: true, meaning: `API key for ${names}, which is off without it` },
    ];
  });

/** What a person knows a setting by. */
export const nameOf = ({ flag, env }: Described): string => flag?.split(" ")[0] ?? env ?? "";

/** The values of a table of settings, as zod wants them. */
function shapeOf<Table extends Record<string, Setting>>(table: Table) {
  const values = Object.entries(table).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(values) as { [Name in keyof Table]: Table[Name]["value"] };
}
