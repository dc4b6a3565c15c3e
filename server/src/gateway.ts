import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { MAX_CLIENT_MESSAGE_BYTES } from "@cryptovault/price-stream/protocol";
import type { Logger } from "pino";
import manifest from "../package.json" with { type: "json" };
import { type BookState, createBook } from "./book/book.ts";
import { createDayMemory } from "./book/day.ts";
import { type Clock, every, manualClock, systemClock } from "./clock.ts";
import { createFeed, type FeedTiming } from "./feed/feed.ts";
import type { FeedSource, Tap } from "./feed/lane.ts";
import { createConnectBudgets } from "./feed/link/budget.ts";
import { dial } from "./feed/link/dial.ts";
import { rest } from "./feed/link/rest.ts";
import type { Pricing } from "./feed/price/quotes.ts";
import type { Contents } from "./feed/recording/recording.ts";
import { type ReplayOptions, startReplay } from "./feed/recording/replay.ts";
import { createHub } from "./hub/hub.ts";
import { createPlain, labelOf } from "./hub/plain.ts";
import { createV1 } from "./hub/v1.ts";
import type { CoingeckoAccess } from "./metadata/coingecko.ts";
import { createMetadata } from "./metadata/metadata.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { bundledAssets } from "./sources/assets.ts";
import { tracedDial, tracedRest } from "./tracing.ts";
import type { Quote } from "./types.ts";
import { type AccessRules, createAccess } from "./wire/access.ts";
import { type Address, openEdge } from "./wire/edge.ts";
import { type Health, unready, verdict } from "./wire/health.ts";
import { defaultLimits, type Limits } from "./wire/limits.ts";
import { startProbe } from "./wire/probe.ts";
import { createTally } from "./wire/tally.ts";
import { goodUntil, type Tls } from "./wire/tls.ts";

/** Staleness is looked for this often, ms. */
const BOOK_SWEEP_MS = 1000;

const { version } = manifest;

/** Exchanges count connections by address: all gateways of this process share what is allowed. */
const budgets = createConnectBudgets();

const network = { dial: tracedDial(dial), rest: tracedRest(rest), budgets };

const PAGE = fileURLToPath(new URL("../../web/dist", import.meta.url));

/** Where prices come from. `demo`: from the emulator, whose addresses are in `sources`. */
export type Upstream =
  | { mode: "live" }
  | { mode: "demo"; control: string }
  | ({ mode: "replay"; contents: Contents } & ReplayOptions);

export type GatewayOptions = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  upstream: Upstream;
  /** In order of preference. */
  sources: readonly FeedSource[];
  /** Asked for what no exchange tells of assets; not at all where left out. */
  coingecko?: CoingeckoAccess | undefined;
  /** Ids or symbols of the assets to serve; all, if not given. */
  assets?: readonly string[] | undefined;
  timing: FeedTiming;
  pricing: Pricing;
  /** Speaks TLS itself with it. */
  tls?: Tls | undefined;
  /** Who may have prices; everybody where left out. */
  access?: AccessRules | undefined;
  /** A listener for health and metrics alone, and the token that lets in to the metrics. */
  admin?: { at?: Address | undefined; token?: string | undefined } | undefined;
  /** Those of `defaultLimits` that are to be others. */
  limits?: Partial<Limits> | undefined;
  log: Logger;
  /** What the gateway before this one held: clients resume where they were. */
  restored?: BookState | undefined;
  /** Where the feed is recorded: lies between it and the network, and brings the clock. */
  recording?: { tap: Tap; clock: Clock } | undefined;
  /** Sees every price that enters the book. */
  onQuote?: (quote: Quote) => void;
};

export type Gateway = {
  port: number;
  /** Where this machine reaches it: `http://localhost:8000`. */
  url: string;
  /** The same of the admin port, if there is one. */
  adminUrl: string | undefined;
  health(): Health;
  /**
   * New connections get another certificate.
   * @throws OperatorError where it can't be used; what was before goes on then
   */
  renew(tls: Tls): void;
  /** Takes no more clients, and sends those that are here away, spread over `windowMs`. */
  drain(windowMs: number): Promise<void>;
  /** What the book holds, for the gateway that comes after this one. To be asked when this one is closed. */
  state(): BookState;
  /** Stops everything in the order of the data's way; resolves when nothing is left open. */
  close(): Promise<void>;
};

/**
 * Wires the stages, left to right: sources → feed → book → metadata → hub → wire.
 * @throws OperatorError where the port can't be had, or a key or certificate can't be used
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { upstream, timing, log } = options;
  const { mode } = upstream;
  const replayClock = mode === "replay" ? manualClock(upstream.contents.startsAt) : undefined;
  /** Times of prices. Clients are paced by the wall clock in any case. */
  const market: Clock = replayClock ?? options.recording?.clock ?? systemClock;
  const startedAt = systemClock.now();
  const limits = { ...defaultLimits, ...options.limits };
  const refused = createTally();
  let { tls } = options;
  const access = await createAccess(options.access ?? {}, { now: systemClock.now, log });

  const { restored } = options;
  const epoch = restored?.epoch ?? randomUUID();
  const book = createBook({ epoch, staleAfterMs: timing.staleAfterMs, restored });
  book.sweep(market.now());
  const days = createDayMemory();
  const feed = createFeed({
    sources: options.sources,
    assets: bundledAssets,
    chosen: options.assets,
    timing,
    pricing: options.pricing,
    network: mode === "replay" ? undefined : network,
    tap: options.recording?.tap,
    clock: market,
    random: Math.random,
    log,
    publish(quote) {
      if (book.put(quote, market.now())) hub.tick();
      days.record(quote.asset, Number(quote.price), market.now());
      options.onQuote?.(quote);
    },
    listedChange: (asset) => metadata.change24h(asset) ?? days.change(asset, market.now()),
    figures: (source, figures) => metadata.list(source, figures),
  });
  const metadata = createMetadata({
    coingecko: mode === "replay" ? undefined : options.coingecko,
    rest: network.rest,
    clock: market,
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
  const metrics = createMetrics(() => ({
    version,
    node: process.versions.node,
    health: health(),
    ready: whyUnready() === undefined,
    certificateLeftMs: tls ? goodUntil(tls) - systemClock.now() : null,
    clientsLimit: limits.clients,
    priceAgesMs: book.list().map(({ receivedAt }) => now() - receivedAt),
  }));
  const hub = createHub({ clock: systemClock, log, timed: metrics.timed });
  const { now } = market;
  const { staleAfterMs } = timing;
  const plain = createPlain({ book, now, staleAfterMs, mode, isRunning: hub.isRunning });
  const v1 = createV1({
    book,
    now,
    wallNow: systemClock.now,
    mode,
    limits: {
      messageBytes: MAX_CLIENT_MESSAGE_BYTES,
      messagesPerSecond: limits.messagesPerS,
      assets: limits.assetsPerSubscription,
    },
  });

  const health = (): Health => {
    const { lastReceivedAt, ...numbers } = book.stats();
    const stages = {
      ...feed.health(),
      book: {
        ...numbers,
        newestAgeMs: lastReceivedAt === undefined ? null : now() - lastReceivedAt,
      },
      metadata: metadata.health(),
      hub: hub.stats(),
      refused: refused.counts(),
      probe: probe.result(),
    };
    const uptimeS = Math.round((systemClock.now() - startedAt) / 1000);
    return {
      ...verdict({ ...stages, draining }),
      version,
      mode,
      uptimeS,
      ...stages,
      ...labelOf(mode),
    };
  };
  let draining = false;
  const whyUnready = () =>
    unready({ draining, assets: book.stats().assets, probe: probe.result() });
  const edge = await openEdge({
    at: options,
    adminAt: options.admin?.at,
    adminToken: options.admin?.token,
    tls,
    access,
    limits,
    refused,
    isDraining: () => draining,
    hub,
    plain,
    v1,
    book,
    mode,
    now,
    find: feed.find,
    asset: feed.asset,
    views: feed.views,
    statistics: metadata.of,
    health,
    stats: () => ({
      ...hub.stats(),
      refused: refused.counts(),
      book: book.stats(),
      mode,
      ...labelOf(mode),
    }),
    unready: whyUnready,
    metrics: metrics.scrape,
    page: PAGE,
    control: mode === "demo" ? upstream.control : undefined,
    clock: systemClock,
    random: Math.random,
    log,
  }).catch((error: unknown) => {
    metrics.close();
    throw error;
  });
  const { port, url, adminUrl } = edge;

  feed.start();
  metadata.start();
  const stopSweep = every(market, BOOK_SWEEP_MS, () => {
    book.sweep(now());
    hub.tick();
  });
  const replay =
    upstream.mode === "replay" && replayClock
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
  const probe = startProbe({
    ...edge.probe,
    clock: systemClock,
    log,
    certifiedUntil: () => tls && goodUntil(tls),
    hasPrices: () => book.stats().fresh > 0,
  });
  log.info({ port, mode }, "Real-time price stream service started");
  if (adminUrl) log.info(`Health and metrics: ${adminUrl}`);
  log.info(
    options.access?.apiKeys || options.access?.jwt
      ? "Only clients with a key or a token get prices"
      : "Everybody gets prices; PRICE_STREAM_API_KEYS and tokens (JWT) keep them for those who have one",
  );
  log.info(
    limits.origins
      ? `Pages of these origins may connect: ${limits.origins.join(", ")}`
      : "Pages of every origin may connect; --origins https://your.page names those that may",
  );

  return {
    port,
    url,
    adminUrl,
    health,
    renew(next) {
      edge.renew(next);
      tls = next;
    },
    async drain(windowMs) {
      draining = true;
      probe.stop();
      log.info({ clients: hub.stats().clients, windowMs }, "Draining: clients are sent away");
      await hub.drain(windowMs, Math.random);
    },
    state: book.state,
    async close() {
      draining = true;
      probe.stop();
      await replay?.stop();
      feed.stop();
      metadata.stop();
      stopSweep();
      hub.close();
      await edge.close();
      metrics.close();
      log.info("Real-time price stream service stopped");
    },
  };
}
