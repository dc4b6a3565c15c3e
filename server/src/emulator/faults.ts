import { EXCHANGES, type Exchange, type FrameKind, type Refusal } from "./venue.ts";

/** What can be wrong with an exchange. The sentence is for people who choose one. */
const FAULTS = {
  refuse: {
    meaning: "Connections are refused and open ones cut, as if nothing were listening.",
    cuts: true,
    door: "refuse",
  },
  drop: {
    meaning: "Open connections are cut once, without a closing handshake.",
    once: true,
    cuts: true,
  },
  "half-open": {
    meaning: "The other end is dead but nobody says so: silence, no pongs, no close, no answer.",
    door: "hold",
  },
  stall: {
    meaning: "Heartbeats and pings go on, but no prices come.",
    withholds: ["data"],
  },
  "ack-only": {
    meaning: "Connecting and subscribing work, then nothing comes, not even a heartbeat.",
    withholds: ["data", "heartbeat"],
  },
  garbage: {
    meaning: "Broken JSON, wrong types and binary frames come between the good ones.",
  },
  "bad-prices": {
    meaning:
      "Among good prices come NaN, zero, negative, empty and null ones, and unknown symbols.",
  },
  absurd: {
    meaning: "The price of one asset is ten times too high.",
    takes: ["asset"],
  },
  unauthorized: {
    meaning: "The API key is not accepted.",
    cuts: true,
    door: "unauthorized",
  },
  "blocked-451": {
    meaning: "Access from this place is blocked for legal reasons (HTTP 451).",
    cuts: true,
    door: "blocked",
  },
  "rate-limited-429": {
    meaning: "Too many requests: HTTP 429, with the seconds to wait in Retry-After.",
    cuts: true,
    door: "limited",
    takes: ["seconds"],
  },
  "banned-418": {
    meaning: "Banned for too many requests: HTTP 418, with the seconds to wait in Retry-After.",
    cuts: true,
    door: "limited",
    status: 418,
    takes: ["seconds"],
  },
  "dns-failure": {
    meaning: "Its host name is not found; open connections are cut.",
    cuts: true,
    byName: true,
  },
  "tls-failure": {
    meaning: "It shows the certificate of another host; open connections are cut.",
    cuts: true,
    byName: true,
  },
  "quiet-close": {
    meaning: "Open connections go quiet, and some seconds later they are closed.",
    once: true,
    takes: ["seconds"],
  },
  "slow-drip": {
    meaning: "Only the price of one asset comes, once every few seconds.",
    takes: ["asset", "seconds"],
  },
  "cut-24h": {
    meaning: "Open connections are closed once, as Binance does when they are 24 hours old.",
    once: true,
  },
  "server-shutdown": {
    meaning: "A shutdown is announced to open connections, which are cut some seconds later.",
    once: true,
    only: ["binance"],
    takes: ["seconds"],
  },
  "frozen-asset": {
    meaning: "One asset stops trading there, all others go on.",
    takes: ["asset"],
  },
} as const satisfies Record<string, FaultFacts>;

export type FaultName = keyof typeof FAULTS;

/** How a fault acts. What is not said here is done by `tamper.ts` and `garbage.ts`. */
export type FaultFacts = {
  meaning: string;
  /** It acts once and leaves the exchange healthy. */
  once?: true;
  /** Sockets that are open when it begins are cut. */
  cuts?: true;
  /** What newcomers meet instead of the exchange. */
  door?: "refuse" | "hold" | Refusal;
  /** HTTP status at that door, where it is not the usual one. */
  status?: number;
  /** It concerns only those who come by name, over TLS. */
  byName?: true;
  /** Frames that do not go out. */
  withholds?: readonly FrameKind[];
  /** The exchanges that can have it; all, if not said. */
  only?: readonly Exchange[];
  takes?: readonly (keyof FaultDetail)[];
};

export type FaultDetail = {
  /** CoinCap id of the asset concerned. */
  asset?: string;
  seconds?: number;
};

/** A fault as it acts on one exchange, with all its detail. */
export type Fault = { name: FaultName; detail: FaultDetail };

/** Why a fault was not taken, and what would be. */
export type Objection = { error: string; hint: string };

export const faultFacts = (name: FaultName): FaultFacts => FAULTS[name];

const isFaultName = (name: unknown): name is FaultName =>
  typeof name === "string" && Object.hasOwn(FAULTS, name);

const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULTS).filter(isFaultName);

/** All faults with their meanings, in the order of the table above. */
export const faultCatalogue: readonly { name: FaultName; meaning: string }[] = FAULT_NAMES.map(
  (name) => ({ name, meaning: faultFacts(name).meaning }),
);

/** The faults that `exchange` can have. `hasNames`: whether it can be reached by name. */
export const faultsOf = (exchange: Exchange, hasNames: boolean): FaultName[] =>
  FAULT_NAMES.filter((name) => {
    const { only = EXCHANGES, byName = false } = faultFacts(name);
    return only.includes(exchange) && (hasNames || !byName);
  });

/** The longest time that a fault's detail may name: an hour. */
const MOST_SECONDS = 3600;

const DEFAULT_SECONDS: Partial<Record<FaultName, number>> = {
  "slow-drip": 3,
  // Coinbase names 60 to 90 s:
  // https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
  "quiet-close": 75,
  // Binance bans for 2 minutes at first.
  "banned-418": 120,
};

/**
 * Reads what somebody asks for into a fault of `exchange`, with defaults, or says what is wrong.
 * @param offered the faults that it can have
 */
export function readFault(
  exchange: Exchange,
  offered: readonly FaultName[],
  listed: (asset: string) => boolean,
  name: unknown,
  detail: unknown = {},
): Fault | Objection {
  if (!isFaultName(name) || !offered.includes(name)) {
    const error = isFaultName(name) ? `${exchange} cannot have the fault ${name}` : "unknown fault";
    return { error, hint: `one of ${offered.join(", ")}; DELETE mends` };
  }
  const { takes = [] } = faultFacts(name);
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) {
    return { error: "detail is not an object", hint: `{${takes.join(", ")}}, or leave it out` };
  }
  const stranger = Object.keys(detail).find((key) => !takes.some((taken) => taken === key));
  if (stranger !== undefined) {
    const hint = takes.length > 0 ? `it takes ${takes.join(" and ")}` : "it takes no detail";
    return { error: `${name} takes no detail named ${stranger}`, hint };
  }
  const asset: unknown = "asset" in detail ? detail.asset : "bitcoin";
  const seconds: unknown = "seconds" in detail ? detail.seconds : (DEFAULT_SECONDS[name] ?? 5);
  if (typeof asset !== "string" || (takes.includes("asset") && !listed(asset))) {
    return { error: `${exchange} does not trade that asset`, hint: "an id such as bitcoin" };
  }
  if (typeof seconds !== "number" || !(seconds > 0 && seconds <= MOST_SECONDS)) {
    return { error: "seconds is out of range", hint: `a number above 0, up to ${MOST_SECONDS}` };
  }
  return {
    name,
    detail: {
      ...(takes.includes("asset") ? { asset } : {}),
      ...(takes.includes("seconds") ? { seconds } : {}),
    },
  };
}
