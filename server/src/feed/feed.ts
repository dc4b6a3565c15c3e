import type { Logger } from "pino";
import { type Clock, every } from "../clock.ts";
import type { Connection, Source } from "../sources/source.ts";
import type { Asset, Endpoint, LinkState, Quote, SourceEvent } from "../types.ts";
import { createComplaints } from "./complaints.ts";
import type { Dial } from "./dial.ts";
import { createFailover, type FailoverTiming, type Standing } from "./failover.ts";
import { createIdentity } from "./identity.ts";
import { createIntake } from "./intake.ts";
import { createListing } from "./listings.ts";
import { createQuotes, type SourceView } from "./quotes.ts";
import type { FetchJson } from "./rest.ts";
import { type Runner, type RunnerTiming, startRunner } from "./runner.ts";

/** Who speaks is decided this often, ms. */
const SWEEP_MS = 250;

export type FeedTiming = FailoverTiming &
  Omit<RunnerTiming, "silenceMs"> & {
    staleAfterMs: number;
    /** Stands in for each source's own silence limit, ms. */
    silenceMs?: number | undefined;
  };

/** One exchange as configured: the first of the list is preferred. */
export type FeedSource = {
  source: Source;
  endpoint: Endpoint;
  key: string | undefined;
};

export type FeedOptions = {
  sources: readonly FeedSource[];
  assets: readonly Asset[];
  timing: FeedTiming;
  /** Undefined in a replay, where frames come by `frame` and no socket is opened. */
  network: { dial: Dial; fetchJson: FetchJson } | undefined;
  clock: Clock;
  random(): number;
  log: Logger;
  publish(quote: Quote): void;
};

/** What `/health` tells of one source. */
export type SourceHealth = {
  name: string;
  state: LinkState;
  /** Why the link is in this state. */
  stateReason: string;
  standing: Standing;
  /** Why it may speak for its assets, or may not. */
  standingReason: string;
  /** ms since the last price, null before the first. */
  dataAgeMs: number | null;
  reconnects: number;
  frames: Record<string, number>;
  prices: number;
  rejected: Record<string, number>;
};

export type Feed = ReturnType<typeof createFeed>;

/** The left end of the path: exchanges in, one price per asset out. */
export function createFeed(options: FeedOptions) {
  const { clock, timing, log } = options;
  const identity = createIdentity(options.assets);
  const names = options.sources.map(({ source }) => source.name);

  const failover = createFailover(names, timing, clock.now(), (name, standing, reason) => {
    const level = standing === "lost" ? "warn" : "info";
    log[level]({ source: name, standing, reason }, `${name} ${WORDS[standing]}: ${reason}`);
  });

  const quotes = createQuotes({
    sources: options.sources.map(({ source }) => ({
      name: source.name,
      naming: source.facts.naming,
    })),
    failover,
    staleAfterMs: timing.staleAfterMs,
    listedChange: (asset) => identity.get(asset)?.change24h,
    publish: options.publish,
  });

  const lanes = options.sources.map((configured, index) => {
    const complain = createComplaints(configured.source.name, clock, log);
    const intake = createIntake(configured.source, index, identity, quotes, complain);
    return {
      ...configured,
      index,
      intake,
      lastDataAt: undefined as number | undefined,
      /** Symbols that the exchange does not know: not subscribed to again. */
      refused: new Set<string>(),
    };
  });
  type Lane = (typeof lanes)[number];
  const runners = new Map<Lane, Runner>();
  const cancels: (() => void)[] = [];

  const frame = (lane: Lane, text: string): { event: SourceEvent; prices: number } => {
    const now = clock.now();
    const read = lane.intake.frame(text, now);
    if (read.prices > 0) {
      lane.lastDataAt = now;
      failover.data(lane.index, now);
    }
    if (read.event.kind === "error") {
      for (const symbol of read.event.symbols ?? []) lane.refused.add(symbol);
      const { message } = read.event;
      log.warn({ source: lane.source.name, message }, `Error from ${lane.source.name}: ${message}`);
    }
    return read;
  };

  const changed = (lane: Lane, state: LinkState, reason: string) => {
    const { name } = lane.source;
    if (state === "open") log.info({ source: name }, `Connected to ${name}`);
    if (state === "down") {
      log.warn({ source: name, reason }, `Disconnected from ${name}: ${reason}`);
      failover.down(lane.index, reason);
    }
    if (state === "fatal") {
      log.error({ source: name, reason }, `Refused by ${name}: ${reason}`);
      failover.fatal(lane.index, reason);
      quotes.sweep(clock.now());
    }
  };

  const run = (lane: Lane, network: NonNullable<FeedOptions["network"]>) => {
    const { source, endpoint, key } = lane;
    if (source.facts.keyVariable && !key) {
      const reason = `no API key: set ${source.facts.keyVariable}`;
      log.warn({ source: source.name, reason }, `${source.name} is off: ${reason}`);
      failover.fatal(lane.index, reason);
      return;
    }
    const listing = createListing({ ...lane, identity, fetchJson: network.fetchJson, clock, log });
    const connection = async (): Promise<Connection> => {
      await listing.refresh();
      const symbols = identity.subscription(source).filter((symbol) => !lane.refused.has(symbol));
      return source.connect({ endpoint, key, symbols });
    };
    const runner = startRunner({
      connection,
      dial: network.dial,
      clock,
      random: options.random,
      timing: { ...timing, silenceMs: timing.silenceMs ?? source.facts.silenceMs },
      frame: (text) => frame(lane, text),
      changed: (state, reason) => changed(lane, state, reason),
    });
    runners.set(lane, runner);
  };

  const health = (lane: Lane): SourceHealth => {
    const runner = runners.get(lane)?.stats();
    return {
      name: lane.source.name,
      state: runner?.state ?? "off",
      stateReason:
        runner?.reason ?? (options.network ? failover.reason(lane.index) : "a recording"),
      standing: failover.standing(lane.index),
      standingReason: failover.reason(lane.index),
      dataAgeMs: lane.lastDataAt === undefined ? null : clock.now() - lane.lastDataAt,
      reconnects: runner?.reconnects ?? 0,
      ...lane.intake.stats(),
    };
  };

  return {
    start() {
      const sweep = () => {
        failover.sweep(clock.now());
        quotes.sweep(clock.now());
      };
      cancels.push(every(clock, SWEEP_MS, sweep));
      const { network } = options;
      if (network) for (const lane of lanes) run(lane, network);
    },

    /** Takes a recorded frame of `source`, as received now. */
    frame(source: Source, text: string) {
      const lane = lanes.find((candidate) => candidate.source === source);
      if (lane) frame(lane, text);
    },

    /** Forgets all prices, as if nothing had come yet: a looped recording begins again. */
    forget: quotes.clear,

    /** The asset a person means: by id or by symbol, in any case. */
    find: identity.find,
    asset: identity.get,
    views: (asset: string): SourceView[] => quotes.views(asset),
    health: () => ({ sources: lanes.map(health), unmatched: quotes.unmatched() }),

    stop() {
      for (const cancel of cancels.splice(0)) cancel();
      for (const runner of runners.values()) runner.stop();
    },
  };
}

const WORDS: Record<Standing, string> = {
  waiting: "is awaited",
  speaking: "may speak",
  lost: "lost its assets",
  holding: "is back, on hold",
};
