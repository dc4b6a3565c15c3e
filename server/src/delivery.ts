import { fileURLToPath } from "node:url";
import { MAX_CLIENT_MESSAGE_BYTES } from "@cryptovault/price-stream/protocol";
import type { Logger } from "pino";
import manifest from "../package.json" with { type: "json" };
import { systemClock } from "./clock.ts";
import { createHub } from "./hub/hub.ts";
import { labelOf } from "./hub/label.ts";
import { createPlain } from "./hub/plain.ts";
import { createV1 } from "./hub/v1.ts";
import type { Ingest } from "./ingest.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { type AccessRules, createAccess } from "./wire/access.ts";
import { type Address, openEdge } from "./wire/edge.ts";
import { type Health, unready, verdict } from "./wire/health.ts";
import { defaultLimits, type Limits } from "./wire/limits.ts";
import { createProbe } from "./wire/probe.ts";
import { createTally } from "./wire/tally.ts";
import { goodUntil, type Tls } from "./wire/tls.ts";

const { version } = manifest;

const PAGE = fileURLToPath(new URL("../../web/dist", import.meta.url));

export type DeliveryOptions = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Speaks TLS itself with it. */
  tls?: Tls | undefined;
  /** Who may have prices; everybody where left out. */
  access?: AccessRules | undefined;
  /** A listener for health and metrics alone, and the token that lets in to the metrics. */
  admin?: { at?: Address | undefined; token?: string | undefined } | undefined;
  /** Those of `defaultLimits` that are to be others. */
  limits?: Partial<Limits> | undefined;
  log: Logger;
};

/**
 * From the book to every client: hub → wire. Clients are paced by the wall clock, whatever the market's is.
 * @param options.control base URL of the emulator's control API, in demo mode
 * @throws OperatorError where the port can't be had, or a key or certificate can't be used
 */
export async function openDelivery(
  options: DeliveryOptions & { staleAfterMs: number; control: string | undefined },
  ingest: Ingest,
) {
  const { staleAfterMs, log } = options;
  const { book, mode, now } = ingest;
  const startedAt = systemClock.now();
  const limits = { ...defaultLimits, ...options.limits };
  const refused = createTally();
  const access = await createAccess(options.access ?? {}, { now: Date.now, log });
  let { tls } = options;
  let draining = false;

  const probe = createProbe({
    clock: systemClock,
    log,
    isCertified: () => !tls || goodUntil(tls) > Date.now(),
    hasPrices: () => book.stats().fresh > 0,
  });
  const metrics = createMetrics(() => ({
    version,
    node: process.versions.node,
    health: health(),
    ready: whyUnready() === undefined,
    certificateLeftMs: tls ? goodUntil(tls) - Date.now() : null,
    clientsLimit: limits.clients,
    priceAgesMs: book.since(0).map(({ receivedAt }) => now() - receivedAt),
  }));
  const hub = createHub({ clock: systemClock, log, timed: metrics.timed });
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
    const stages = {
      ...ingest.health(),
      hub: hub.stats(),
      refused: refused.counts(),
      probe: probe.result(),
    };
    const uptimeS = Math.round((systemClock.now() - startedAt) / 1000);
    const about = { version, mode, uptimeS };
    return { ...verdict({ ...stages, draining }), ...about, ...stages, ...labelOf(mode) };
  };
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
    ...ingest,
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
    control: options.control,
    clock: systemClock,
    random: Math.random,
    log,
  }).catch((error: unknown) => {
    metrics.close();
    throw error;
  });
  probe.start(edge.probe);

  return {
    port: edge.port,
    url: edge.url,
    adminUrl: edge.adminUrl,
    health,
    /** The book has changed: clients that want each tick are served. */
    tick: hub.tick,
    renew(next: Tls) {
      edge.renew(next);
      tls = next;
    },
    async drain(windowMs: number) {
      draining = true;
      probe.stop();
      log.info({ clients: hub.stats().clients, windowMs }, "Draining: clients are sent away");
      await hub.drain(windowMs, Math.random);
    },
    /** Takes no more clients. */
    end() {
      draining = true;
      probe.stop();
    },
    async close() {
      hub.close();
      await edge.close();
      metrics.close();
    },
  };
}
