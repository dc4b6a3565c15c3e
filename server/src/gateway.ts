import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { PRICES_PATH } from "@cryptovault/price-stream/protocol";
import type { Logger } from "pino";
import { createBook } from "./book/book.ts";
import { type Clock, every, manualClock, systemClock } from "./clock.ts";
import { dial } from "./feed/dial.ts";
import { createFeed, type FeedTiming } from "./feed/feed.ts";
import type { FeedSource, Network } from "./feed/lane.ts";
import type { Contents } from "./feed/recording.ts";
import { type ReplayOptions, startReplay } from "./feed/replay.ts";
import { fetchJson } from "./feed/rest.ts";
import { createHub } from "./hub/hub.ts";
import { createPlain, labelOf } from "./hub/plain.ts";
import { bundledAssets } from "./sources/assets.ts";
import type { Quote } from "./types.ts";
import { type Health, isReady, verdict } from "./wire/health.ts";
import { createHttp, listen } from "./wire/http.ts";
import { startProbe } from "./wire/probe.ts";
import { serveWebSocket } from "./wire/ws.ts";

/** Staleness is looked for this often, ms. */
const BOOK_SWEEP_MS = 1000;

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
  timing: FeedTiming;
  log: Logger;
  /** Where the feed is recorded: lies between it and the network, and brings the clock. */
  recording?: { tap(network: Network, source: FeedSource): Network; clock: Clock };
  /** Sees every price that enters the book. */
  onQuote?: (quote: Quote) => void;
};

export type Gateway = {
  port: number;
  health(): Health;
  /** Stops everything in the order of the data's way; resolves when nothing is left open. */
  close(): Promise<void>;
};

/**
 * Wires the stages, left to right: sources → feed → book → hub → wire.
 * @throws OperatorError where the port can't be had
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { upstream, timing, log } = options;
  const { mode } = upstream;
  const replayClock = mode === "replay" ? manualClock(upstream.contents.startsAt) : undefined;
  /** Times of prices. Clients are paced by the wall clock in any case. */
  const market: Clock = replayClock ?? options.recording?.clock ?? systemClock;
  const startedAt = systemClock.now();

  const internet: Network = { dial, fetchJson };
  const networkOf = (source: FeedSource) => options.recording?.tap(internet, source) ?? internet;

  const book = createBook({ epoch: randomUUID(), staleAfterMs: timing.staleAfterMs });
  const feed = createFeed({
    sources: options.sources,
    assets: bundledAssets,
    timing,
    network: mode === "replay" ? undefined : networkOf,
    clock: market,
    random: Math.random,
    log,
    publish(quote) {
      book.put(quote, market.now());
      options.onQuote?.(quote);
    },
  });
  const hub = createHub({ clock: systemClock, log });
  const { now } = market;
  const { staleAfterMs } = timing;
  const plain = createPlain({ book, now, staleAfterMs, mode, isRunning: hub.isRunning });

  const health = (): Health => {
    const { lastReceivedAt, ...numbers } = book.stats();
    const stages = {
      ...feed.health(),
      book: {
        ...numbers,
        newestAgeMs: lastReceivedAt === undefined ? null : now() - lastReceivedAt,
      },
      hub: hub.stats(),
      probe: probe.result(),
    };
    const uptimeS = Math.round((systemClock.now() - startedAt) / 1000);
    return { ...verdict(stages), mode, uptimeS, ...stages, ...labelOf(mode) };
  };
  let draining = false;
  const http = await createHttp({
    book,
    mode,
    now,
    find: feed.find,
    asset: feed.asset,
    views: feed.views,
    health,
    stats: () => ({ ...hub.stats(), book: book.stats(), mode, ...labelOf(mode) }),
    ready: () => isReady({ draining, assets: book.stats().assets, probe: probe.result() }),
    page: PAGE,
    control: mode === "demo" ? upstream.control : undefined,
  });
  const probeSecret = randomBytes(16).toString("hex");
  const { find } = feed;
  const sockets = serveWebSocket(http.server, {
    hub,
    plain,
    book,
    find,
    clock: systemClock,
    log,
    probeSecret,
  });
  const { port, url } = await listen(http, options).catch(async (error: unknown) => {
    await sockets.close();
    await http.close();
    throw error;
  });

  feed.start();
  const stopSweep = every(market, BOOK_SWEEP_MS, () => book.sweep(now()));
  const replay =
    upstream.mode === "replay" && replayClock
      ? startReplay({
          ...upstream,
          clock: replayClock,
          wallNow: systemClock.now,
          frame: feed.frame,
          list: feed.list,
          forget: feed.forget,
          log,
        })
      : undefined;
  const probe = startProbe({
    url: `${url.replace("http", "ws")}${PRICES_PATH}`,
    secret: probeSecret,
    clock: systemClock,
    log,
    hasPrices: () => book.stats().fresh > 0,
  });
  log.info({ port, mode }, "Real-time price stream service started");

  return {
    port,
    health,
    async close() {
      draining = true;
      probe.stop();
      await replay?.stop();
      feed.stop();
      stopSweep();
      hub.close();
      await sockets.close();
      await http.close();
      log.info("Real-time price stream service stopped");
    },
  };
}
