import { randomUUID } from "node:crypto";
import type { BookState } from "./book/book.ts";
import { type DeliveryOptions, openDelivery } from "./delivery.ts";
import { createIngest, type IngestOptions } from "./ingest.ts";
import type { Health } from "./wire/health.ts";
import type { Tls } from "./wire/tls.ts";

export type { Upstream } from "./ingest.ts";

export type GatewayOptions = IngestOptions & DeliveryOptions;

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
  const { upstream, timing, restored, log } = options;
  const epoch = restored?.epoch ?? randomUUID();
  const ingest = createIngest({ ...options, epoch });
  const control = upstream.mode === "demo" ? upstream.control : undefined;
  const { staleAfterMs } = timing;
  const delivery = await openDelivery({ ...options, staleAfterMs, control }, ingest);
  const stopIngest = ingest.start(delivery.tick);
  sayWhatIsOpen(options, delivery);

  const { port, url, adminUrl, health, renew, drain } = delivery;
  return {
    port,
    url,
    adminUrl,
    health,
    renew,
    drain,
    state: ingest.book.state,
    async close() {
      delivery.end();
      await stopIngest();
      await delivery.close();
      log.info("Real-time price stream service stopped");
    },
  };
}

/** Who runs it is to know at once who may come. */
function sayWhatIsOpen(
  { upstream: { mode }, access, limits, log }: GatewayOptions,
  { port, adminUrl }: { port: number; adminUrl: string | undefined },
) {
  log.info({ port, mode }, "Real-time price stream service started");
  if (adminUrl) log.info(`Health and metrics: ${adminUrl}`);
  log.info(
    access?.apiKeys || access?.jwt
      ? "Only clients with a key or a token get prices"
      : "Everybody gets prices; PRICE_STREAM_API_KEYS and tokens (JWT) keep them for those who have one",
  );
  log.info(
    limits?.origins
      ? `Pages of these origins may connect: ${limits.origins.join(", ")}`
      : "Pages of every origin may connect; --origins https://your.page names those that may",
  );
}
