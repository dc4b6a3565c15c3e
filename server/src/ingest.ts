import type { Logger } from "pino";
import { type BookState, createBook } from "./book/book.ts";
import { createDayMemory } from "./book/day.ts";
import { type Clock, every, manualClock, systemClock } from "./clock.ts";
import { createFeed } from "./feed/feed.ts";
import type { FeedSource, Tap } from "./feed/lane.ts";
import { createConnectBudgets } from "./feed/link/budget.ts";
import { dial } from "./feed/link/dial.ts";
import { rest } from "./feed/link/rest.ts";
import type { Pricing } from "./feed/price/quotes.ts";
import type { Contents } from "./feed/recording/recording.ts";
import { type ReplayOptions, startReplay } from "./feed/recording/replay.ts";
import type { FeedTiming } from "./feed/timing.ts";
import type { CoingeckoAccess } from "./metadata/coingecko.ts";
import { createMetadata } from "./metadata/metadata.ts";
import { bundledAssets } from "./sources/assets.ts";
import { tracedDial, tracedRest } from "./tracing.ts";
import type { Quote } from "./types.ts";

/** Staleness is looked for this often, ms. */
const BOOK_SWEEP_MS = 1000;

/** Where prices come from. `demo`: from the emulator, whose addresses are in `sources`. */
export type Upstream =
  | { mode: "live" }
  | { mode: "demo"; control: string }
  | ({ mode: "replay"; contents: Contents } & ReplayOptions);

export type IngestOptions = {
  upstream: Upstream;
  /** In order of preference. */
  sources: readonly FeedSource[];
  /** Asked for what no exchange tells of assets; not at all where left out. */
  coingecko?: CoingeckoAccess | undefined;
  /** Ids or symbols of the assets to serve; all, if not given. */
  assets?: readonly string[] | undefined;
  timing: FeedTiming;
  pricing: Pricing;
  /** What the gateway before this one held: clients resume where they were. */
  restored?: BookState | undefined;
  /** Where the feed is recorded: lies between it and the network, and brings the clock. */
  recording?: { tap: Tap; clock: Clock } | undefined;
  /** Sees every price that enters the book. */
  onQuote?: (quote: Quote) => void;
  log: Logger;
};

export type Ingest = ReturnType<typeof createIngest>;

/** From the exchanges, or a recording of them, to the book: sources → feed → book → metadata. */
export function createIngest(options: IngestOptions & { epoch: string }) {
  const { upstream, timing, restored, epoch, log } = options;
  const isReplay = upstream.mode === "replay";
  const replayClock = isReplay ? manualClock(upstream.contents.startsAt) : undefined;
  const clock: Clock = replayClock ?? options.recording?.clock ?? systemClock;
  const { now } = clock;
  const network = {
    dial: tracedDial(dial),
    rest: tracedRest(rest),
    budgets: createConnectBudgets(),
  };

  const book = createBook({ epoch, staleAfterMs: timing.staleAfterMs, restored });
  book.sweep(now());
  const days = createDayMemory();
  let changed = () => {};
  const feed = createFeed({
    sources: options.sources,
    assets: bundledAssets,
    chosen: options.assets,
    timing,
    pricing: options.pricing,
    network: isReplay ? undefined : network,
    tap: options.recording?.tap,
    clock,
    random: Math.random,
    log,
    publish(quote) {
      if (book.put(quote, now())) changed();
      days.record(quote.asset, Number(quote.price), now());
      options.onQuote?.(quote);
    },
    listedChange: (asset) => metadata.change24h(asset) ?? days.change(asset, now()),
    figures: (source, figures) => metadata.list(source, figures),
  });
  const metadata = createMetadata({
    coingecko: isReplay ? undefined : options.coingecko,
    rest: network.rest,
    clock,
    random: Math.random,
    log,
    assets: feed.assets,
    asset: feed.asset,
    price(asset) {
      const entry = book.get(asset);
      return entry && !entry.stale ? Number(entry.price) : undefined;
    },
    volume: feed.volume,
    lists: feed.lists,
  });

  const replay = () =>
    isReplay && replayClock
      ? startReplay({
          ...upstream,
          clock: replayClock,
          wallNow: systemClock.now,
          frame: feed.frame,
          list: feed.list,
          forget() {
            feed.forget();
            days.clear();
          },
          log,
        })
      : undefined;

  return {
    book,
    mode: upstream.mode,
    /** The market clock, ms since 1970. */
    now,
    find: feed.find,
    asset: feed.asset,
    views: feed.views,
    statistics: metadata.of,

    health() {
      const { lastReceivedAt, ...numbers } = book.stats();
      const newestAgeMs = lastReceivedAt === undefined ? null : now() - lastReceivedAt;
      return {
        ...feed.health(),
        book: { ...numbers, newestAgeMs, staleAfterMs: timing.staleAfterMs },
        metadata: metadata.health(),
      };
    },

    /**
     * @param onChange called when the book may have changed
     * @returns its end; resolves when nothing is left open
     */
    start(onChange: () => void): () => Promise<void> {
      changed = onChange;
      feed.start();
      metadata.start();
      const stopSweep = every(clock, BOOK_SWEEP_MS, () => {
        book.sweep(now());
        changed();
      });
      const running = replay();
      return async () => {
        await running?.stop();
        feed.stop();
        metadata.stop();
        stopSweep();
      };
    },
  };
}
