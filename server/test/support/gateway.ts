import pino, { type Logger } from "pino";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/emulator.ts";
import type { FeedSource } from "../../src/feed/lane.ts";
import type { Pricing } from "../../src/feed/price/quotes.ts";
import type { FeedTiming } from "../../src/feed/timing.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../src/gateway.ts";
import { sources } from "../../src/sources/index.ts";
import type { Quote } from "../../src/types.ts";
import type { AccessRules } from "../../src/wire/access.ts";
import type { Limits } from "../../src/wire/limits.ts";
import type { Tls } from "../../src/wire/tls.ts";

export const silentLog = pino({ level: "silent" });

/** A log whose messages a test can read. */
export function recordedLog(): { log: Logger; messages: string[]; lines: string[] } {
  const messages: string[] = [];
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
    messages.push(JSON.parse(line).msg);
  };
  return { log: pino({ level: "debug" }, { write }), messages, lines };
}

/** Waits short enough for a test; staleness and failover in seconds. */
export const QUICK: FeedTiming = {
  staleAfterMs: 4000,
  failoverAfterMs: 2000,
  holdMs: 1500,
  connectTimeoutMs: 1000,
  silenceMs: 1000,
  stableMs: 60_000,
  backoff: { baseMs: 100, capMs: 400 },
  fatalRetryMs: 1000,
};

/** Lets in to the metrics of a rig. */
export const ADMIN_TOKEN = "admin-of-tests";

export const PRIORITY: Pricing = { policy: "priority", minSources: 2 };

export type Rig = {
  emulator: Emulator;
  gateway: Gateway;
  /** Every price that entered the book, in order. */
  quotes: Quote[];
  close(): Promise<void>;
};

/** Few enough for a test to break them all. */
const RIG_SOURCES = new Set(["coincap", "binance", "coinbase"]);

/** A gateway on emulated exchanges, as the demo has it, with quicker reactions. */
export async function startRig(
  options: {
    timing?: Partial<FeedTiming>;
    pricing?: Pricing;
    emulator?: EmulatorOptions;
    log?: Logger;
    limits?: Partial<Limits>;
    access?: AccessRules;
    tls?: Tls;
    record?: (sources: readonly FeedSource[]) => Promise<GatewayOptions["recording"]>;
  } = {},
): Promise<Rig> {
  const emulator = await startEmulator({ assets: 500, tickMs: 250, ...options.emulator });
  const quotes: Quote[] = [];
  const endpoints = new Map(Object.entries(emulator.endpoints));
  const key = options.emulator?.coincapKey ?? "demo";
  const configured = sources.flatMap((source) => {
    const endpoint = endpoints.get(source.name);
    return endpoint && RIG_SOURCES.has(source.name) ? [{ source, endpoint, key }] : [];
  });
  const recording = await options.record?.(configured);
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "demo", control: emulator.url },
    sources: configured,
    pricing: options.pricing ?? PRIORITY,
    coingecko: { rest: emulator.coingecko.rest, key: undefined },
    timing: { ...QUICK, ...options.timing },
    // All clients of a test come from one address, and at once.
    limits: { handshakesPerIpPerS: 2000, requestsPerIpPerS: 2000, ...options.limits },
    access: options.access,
    admin: { token: ADMIN_TOKEN },
    tls: options.tls,
    log: options.log ?? silentLog,
    recording,
    onQuote: (quote) => quotes.push({ ...quote }),
  });
  return {
    emulator,
    gateway,
    quotes,
    async close() {
      await gateway.close();
      await emulator.close();
    },
  };
}

/** A gateway without exchanges: it has no prices, and all the rest. */
export const startBare = (
  limits: Partial<Limits> = {},
  log = silentLog,
  more: Partial<GatewayOptions> = {},
): Promise<Gateway> =>
  startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "live" },
    sources: [],
    pricing: PRIORITY,
    timing: QUICK,
    limits,
    admin: { token: ADMIN_TOKEN },
    log,
    ...more,
  });

/** CoinCap sends what changed: until it has spoken of most assets, others speak for the rest. */
export const coincapLeads = ({ quotes }: Rig): boolean => {
  const told = quotes.filter(({ source }) => source === "coincap");
  return new Set(told.map(({ asset }) => asset)).size > 450;
};
