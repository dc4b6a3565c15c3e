import { type Random, random } from "../../src/emulator/random.ts";
import type { Quote } from "../../src/types.ts";

/** A quote, its times as ages: ms before the moment at which it enters the book. */
export type QuotePlan = Omit<Quote, "receivedAt" | "exchangeTime"> & {
  receivedAgo: number;
  exchangeAgo: number | undefined;
};

/** Names of assets as a client may write them, or all there are. */
export type Names = "*" | readonly string[];

/** What one client does. Of no effect where it can't: most want a connection, `connect` none. */
export type ClientStep = { client: number } & (
  | {
      do: "connect";
      deflate: boolean;
      /** undefined: as before. */
      wants: { names: Names; interval: number } | undefined;
      /** Of what it holds from before, what it says that it holds. */
      claims: "all" | "some" | "none";
      /** Asks before the hello, with it, or only by a later step. */
      asks: "early" | "at hello" | "later";
      parts: number;
      /** The script goes on once it is connected. */
      waits: boolean;
    }
  | { do: "subscribe"; names: Names; interval: number | undefined; parts: number }
  | { do: "unsubscribe"; names: Names; parts: number }
  | { do: "interval"; interval: number }
  /** Messages that are refused: out of order; for too many assets, which ends the connection. */
  | { do: "blunder" | "overreach" }
  | { do: "ping" | "drop" | "leave" }
  /** It stops reading and goes on; the network stops taking what is sent to it and goes on. */
  | { do: "pause" | "resume" | "clog" | "unclog" }
);

export type Step =
  | ClientStep
  | { do: "quotes"; quotes: QuotePlan[] }
  /** The market's clock moves on, and the book is swept. */
  | { do: "market"; ms: number }
  /** The clock by which clients are paced moves on. */
  | { do: "wall"; ms: number }
  /** So many turns of the event loop pass. */
  | { do: "turns"; count: number }
  | { do: "restart" | "rest" };

export type Script = { clients: number; steps: Step[] };

/** Assets that clients may call by a symbol. */
const KNOWN = Array.from({ length: 48 }, (_, n) => `asset-${n}`);
/** Assets that nobody has heard of before they have a price. */
const OBSCURE = Array.from({ length: 12 }, (_, n) => `obscure-${n}`);
const ASSETS = [...KNOWN, ...OBSCURE];
/** So many have a price from the start. */
const FIRST = 40;

const symbolOf = (asset: string) => asset.replace("asset-", "A");
const BY_NAME = new Map(KNOWN.flatMap((id) => [[id, id] as const, [symbolOf(id), id] as const]));

/** The id of an asset that is known by this name. */
export const idOf = (name: string): string | undefined => BY_NAME.get(name);

const SOURCES = ["coincap", "binance", "kraken"];
const INTERVALS = [0, 0, 0, 100, 100, 120, 250, 1000, 5000, 25_000, 60_000];
const MARKET_MS = [500, 500, 500, 61_000, 61_000, 13 * 3_600_000];

/** How often each step comes, in proportion. */
const WEIGHTS = {
  quotes: 70,
  market: 12,
  wall: 40,
  connect: 40,
  subscribe: 26,
  unsubscribe: 14,
  interval: 8,
  blunder: 3,
  overreach: 2,
  rush: 5,
  ping: 3,
  pause: 9,
  resume: 16,
  clog: 9,
  unclog: 12,
  drop: 12,
  leave: 2,
  restart: 2,
  rest: 2,
};

/** What happens in a run: a function of the seed alone. */
export function planScript(seed: number, length: number): Script {
  const rng = random(seed);
  const clients = 4 + below(rng, 5);
  const market = planMarket(rng);
  const steps: Step[] = [{ do: "quotes", quotes: ASSETS.slice(0, FIRST).map(market.quote) }];
  for (let client = 0; client < clients; client++) steps.push(connect(rng, client));
  while (steps.length < length) {
    steps.push(...planSteps(rng, clients, market));
    if (chance(rng, 0.5)) steps.push({ do: "turns", count: 1 + below(rng, 4) });
  }
  return { clients, steps };
}

function planSteps(rng: Random, clients: number, market: ReturnType<typeof planMarket>): Step[] {
  const kind = weighted(rng, WEIGHTS);
  const client = below(rng, clients);
  if (kind !== "rush") return [planStep(rng, kind, client, market)];
  // Some ask for all there is, anew and at the same time, while prices move.
  return Array.from({ length: 3 }, (_, n): Step[] => {
    const who = { client: (client + n) % clients, parts: 1 };
    return [
      { do: "unsubscribe", ...who, names: "*" },
      { do: "turns", count: 2 + below(rng, 4) },
      { do: "subscribe", ...who, names: "*", interval: 100 },
      { do: "turns", count: 2 + below(rng, 4) },
      { do: "quotes", quotes: market.quotes() },
    ];
  }).flat();
}

function planStep(
  rng: Random,
  kind: Exclude<keyof typeof WEIGHTS, "rush">,
  client: number,
  market: ReturnType<typeof planMarket>,
): Step {
  const parts = chance(rng, 0.2) ? 2 + below(rng, 3) : 1;
  switch (kind) {
    case "quotes":
      return { do: kind, quotes: market.quotes() };
    case "market":
      return { do: kind, ms: pick(rng, MARKET_MS) };
    case "wall":
      return { do: kind, ms: wallMs(rng) };
    case "connect":
      return connect(rng, client);
    case "subscribe": {
      const interval = chance(rng, 0.3) ? pick(rng, INTERVALS) : undefined;
      return { do: kind, client, names: names(rng), interval, parts };
    }
    case "unsubscribe":
      return { do: kind, client, names: names(rng), parts };
    case "interval":
      return { do: kind, client, interval: pick(rng, INTERVALS) };
    case "restart":
    case "rest":
      return { do: kind };
    default:
      return { do: kind, client };
  }
}

const connect = (rng: Random, client: number): Step => ({
  do: "connect",
  client,
  deflate: chance(rng, 0.5),
  wants: chance(rng, 0.5) ? { names: names(rng), interval: pick(rng, INTERVALS) } : undefined,
  claims: pick(rng, ["all", "all", "some", "none"] as const),
  asks: pick(rng, ["early", "at hello", "at hello", "later"] as const),
  parts: chance(rng, 0.3) ? 2 + below(rng, 3) : 1,
  waits: chance(rng, 0.8),
});

/** Mostly a moment; now and then long enough for echoes to be owed, or for a client to be cut. */
function wallMs(rng: Random): number {
  if (chance(rng, 0.85)) return 1 + below(rng, 600);
  return chance(rng, 0.85) ? 1000 + below(rng, 11_000) : 20_000 + below(rng, 50_000);
}

function names(rng: Random): Names {
  if (chance(rng, 0.2)) return "*";
  const share = pick(rng, [0.03, 0.2, 0.7]);
  return ASSETS.filter(() => chance(rng, share)).map((asset) =>
    chance(rng, 0.2) ? symbolOf(asset) : asset,
  );
}

/** Quotes that change this or that of what was quoted last. */
function planMarket(rng: Random) {
  const last = new Map<string, QuotePlan>();
  const price = () => (1 + rng.next() * 1000).toFixed(2);

  const first = (asset: string): QuotePlan => ({
    asset,
    price: price(),
    quote: "USD",
    source: pick(rng, SOURCES),
    constituents: [],
    derived: undefined,
    spread: undefined,
    thin: false,
    receivedAgo: 0,
    exchangeAgo: undefined,
    change24h: undefined,
  });

  const changes: (() => Partial<QuotePlan>)[] = [
    () => ({}),
    () => ({ source: pick(rng, SOURCES), price: price() }),
    () => ({ quote: pick(rng, ["USD", "USDT"]), derived: undefined }),
    () => ({ quote: "USD", derived: { price: price(), quote: "USDC", rate: "0.9998" } }),
    () => ({ thin: chance(rng, 0.5) }),
    () => ({ change24h: chance(rng, 0.2) ? undefined : below(rng, 2000) / 100 - 10 }),
    () => ({ receivedAgo: 70_000 }),
  ];

  const quote = (asset: string): QuotePlan => {
    const change = chance(rng, 0.6) ? { price: price() } : pick(rng, changes)();
    const exchangeAgo = chance(rng, 0.7) ? below(rng, 3000) : undefined;
    const made = { ...(last.get(asset) ?? first(asset)), receivedAgo: 0, exchangeAgo, ...change };
    last.set(asset, made);
    return made;
  };

  return {
    quote,
    quotes: () => Array.from({ length: 1 + below(rng, 15) }, () => quote(pick(rng, ASSETS))),
  };
}

const chance = (rng: Random, share: number): boolean => rng.next() < share;

const below = (rng: Random, limit: number): number => Math.floor(rng.next() * limit);

function pick<Item>(rng: Random, items: readonly Item[]): Item {
  const item = items[below(rng, items.length)];
  if (item === undefined) throw new RangeError("nothing to choose from");
  return item;
}

function weighted<Key extends string>(rng: Random, weights: Record<Key, number>): Key {
  const keys = Object.keys(weights) as Key[];
  let left = rng.next() * keys.reduce((sum, key) => sum + weights[key], 0);
  for (const key of keys) {
    left -= weights[key];
    if (left < 0) return key;
  }
  throw new RangeError("nothing to choose from");
}
