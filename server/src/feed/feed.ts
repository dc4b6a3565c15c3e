import type { Logger } from "pino";
import { type Clock, every } from "../clock.ts";
import type { Source } from "../sources/source.ts";
import type { Asset, Figures, Quote, Stated } from "../types.ts";
import { createChoice } from "./choice.ts";
import { createFailover, type Standing } from "./failover.ts";
import { createIdentity } from "./identity.ts";
import { createLane, type FeedSource, type Network, type Tap } from "./lane.ts";
import { createQuotes, type Pricing } from "./price/quotes.ts";
import type { SourceView } from "./price/views.ts";
import { volumeOf } from "./price/volumes.ts";
import type { FeedTiming } from "./timing.ts";

/** Who speaks is decided this often, ms, and at whole multiples of it. */
const SWEEP_MS = 250;

export type FeedOptions = {
  sources: readonly FeedSource[];
  assets: readonly Asset[];
  /** Ids or symbols of the assets to take and to serve; all, if not given. */
  chosen?: readonly string[] | undefined;
  timing: FeedTiming;
  pricing: Pricing;
  /** Undefined in a replay, where all comes by `frame` and `list`, and no socket is opened. */
  network: Network | undefined;
  /** Where the feed is recorded. */
  tap?: Tap | undefined;
  clock: Clock;
  random(): number;
  log: Logger;
  publish(quote: Quote): void;
  /** Change over 24 h in percent, where no ticker tells it. */
  listedChange(asset: string): number | undefined;
  /** Told of what a source's list says of assets, by id. */
  figures(source: string, figures: ReadonlyMap<string, Figures>): void;
};

export type Feed = ReturnType<typeof createFeed>;

/** The left end of the path: exchanges in, one price per asset out. */
export function createFeed(options: FeedOptions) {
  const { network, clock, random, timing, log } = options;
  const identity = createIdentity(options.assets);
  const choice = createChoice(options.chosen, identity);
  const names = options.sources.map(({ source }) => source.name);

  const failover = createFailover(names, timing, clock.now(), (name, standing, reason) => {
    const level = standing === "lost" ? "warn" : "info";
    log[level]({ source: name, standing, reason }, `${name} ${WORDS[standing]}: ${reason}`);
  });

  const markets = new Map(
    options.sources.map(({ source }) => [source.name, source.facts.marketOf ?? source.name]),
  );
  const marketOf = (name: string): string => markets.get(name) ?? name;
  const quotes = createQuotes({
    ...options.pricing,
    sources: options.sources.map(({ source }) => ({
      name: source.name,
      naming: source.facts.naming,
      market: marketOf(source.name),
    })),
    failover,
    staleAfterMs: timing.staleAfterMs,
    listedChange: options.listedChange,
    publish(quote) {
      if (choice.isServed(quote.asset)) options.publish(quote);
    },
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
      choice,
      quotes,
      failover,
      timing,
      clock,
      random,
      log,
      figures: (figures) => options.figures(configured.source.name, figures),
      tap: options.tap,
      beforeFrame: decide,
    }),
  );
  let stopSweep = () => {};

  return {
    start() {
      stopSweep = every(clock, SWEEP_MS, () => decide(clock.now()));
      const unknown = choice.unknown();
      if (unknown.length > 0) {
        const hint = "served only once an exchange's asset list has them";
        log.warn({ assets: unknown }, `Unknown assets are chosen: ${unknown.join(", ")}; ${hint}`);
      }
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
    find(name: string): Asset | undefined {
      const asset = identity.find(name);
      return asset && choice.isServed(asset.id) ? asset : undefined;
    },
    asset: identity.get,
    views: (asset: string): SourceView[] => quotes.views(asset, clock.now()),
    assets: identity.all,
    /** Traded in 24 h by what fresh tickers tell, in USD. */
    volume: (asset: string): Stated | undefined =>
      volumeOf(quotes.views(asset, clock.now()), marketOf, clock.now()),
    /** How the sources' lists of assets with figures are. */
    lists: () => lanes.flatMap((lane) => lane.listHealth() ?? []),
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
