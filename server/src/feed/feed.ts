import type { Logger } from "pino";
import { type Clock, every } from "../clock.ts";
import type { Source } from "../sources/source.ts";
import type { Asset, Quote } from "../types.ts";
import { createFailover, type FailoverTiming, type Standing } from "./failover.ts";
import { createIdentity } from "./identity.ts";
import { createLane, type FeedSource, type LaneTiming, type NetworkOf } from "./lane.ts";
import { createQuotes, type SourceView } from "./quotes.ts";

/** Who speaks is decided this often, ms, and at whole multiples of it. */
const SWEEP_MS = 250;

export type FeedTiming = FailoverTiming & LaneTiming & { staleAfterMs: number };

export type FeedOptions = {
  sources: readonly FeedSource[];
  assets: readonly Asset[];
  timing: FeedTiming;
  /** How each source is reached. Undefined in a replay: there all comes by `frame` and `list`. */
  network: NetworkOf | undefined;
  clock: Clock;
  random(): number;
  log: Logger;
  publish(quote: Quote): void;
};

export type Feed = ReturnType<typeof createFeed>;

/** The left end of the path: exchanges in, one price per asset out. */
export function createFeed(options: FeedOptions) {
  const { network, clock, random, timing, log } = options;
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

  let decidedAt = 0;
  /**
   * Lets the right sources speak as of the last multiple of `SWEEP_MS`. No frame from after it may
   * have been taken by then, so that a replay of the same frames decides as the recorded run did.
   */
  const decide = (now: number) => {
    const at = now - (now % SWEEP_MS);
    if (at <= decidedAt) return;
    decidedAt = at;
    failover.sweep(at);
    quotes.sweep(at);
  };

  const lanes = options.sources.map((configured, index) =>
    createLane({
      ...configured,
      index,
      identity,
      quotes,
      failover,
      timing,
      clock,
      random,
      log,
      beforeFrame: decide,
    }),
  );
  let stopSweep = () => {};

  return {
    start() {
      stopSweep = every(clock, SWEEP_MS, () => decide(clock.now()));
      if (network) for (const lane of lanes) lane.start(network);
    },

    /** Takes a recorded frame of `source`, as received now. */
    frame(source: Source, text: string) {
      lanes.find((lane) => lane.source === source)?.frame(text);
    },

    /** Takes a recorded instrument list of `source`. */
    list(source: Source, body: string) {
      lanes.find((lane) => lane.source === source)?.list(body);
    },

    /** Forgets all prices, as if nothing had come yet: a looped recording begins again. */
    forget: quotes.clear,

    /** The asset a person means: by id or by symbol, in any case. */
    find: identity.find,
    asset: identity.get,
    views: (asset: string): SourceView[] => quotes.views(asset),
    health: () => ({
      sources: lanes.map((lane) => lane.health(network ? undefined : "a recording")),
      unmatched: quotes.unmatched(),
    }),

    stop() {
      stopSweep();
      for (const lane of lanes) lane.stop();
    },
  };
}

const WORDS: Record<Standing, string> = {
  waiting: "is awaited",
  speaking: "may speak",
  lost: "lost its assets",
  holding: "is back, on hold",
};
