import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Caller } from "./admission.ts";
import type { Limits } from "./limits.ts";
import { createSeldom } from "./seldom.ts";

/** A hint about the configuration is logged once in so long, ms. */
const INTERVAL_MS = 60_000;

/**
 * Says in the log what to set where a limit of one address is met behind a proxy that nobody named. To be
 * called with the request that was refused.
 */
export function createProxyHint(
  { trustedProxies }: Limits,
  { now }: Clock,
  log: Logger,
): (headers: Caller["headers"]) => void {
  const seldom = createSeldom(INTERVAL_MS, now);
  return ({ "x-forwarded-for": forwarded }) => {
    if (!forwarded || trustedProxies > 0) return;
    const hops = String(forwarded).split(",").length;
    seldom(() =>
      log.warn(
        `Clients behind a proxy count as one address. If this request passed ${hops} proxies of yours, set --trusted-proxies ${hops}`,
      ),
    );
  };
}
