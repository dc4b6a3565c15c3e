import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { createAdmission, type Guest } from "./admission.ts";
import type { Limits } from "./limits.ts";
import { createCors } from "./origins.ts";
import { refuseSocket } from "./refusal.ts";
import { createSeldom } from "./seldom.ts";
import type { Tally } from "./tally.ts";

/** A hint about the configuration is logged once in so long, ms. */
const HINT_INTERVAL_MS = 60_000;

export type DoorOptions = {
  limits: Limits;
  probeSecret: string;
  clock: Clock;
  log: Logger;
  refused: Tally;
  /** Whether the gateway takes no more clients, since it ends. */
  isDraining(): boolean;
};

export type Door = ReturnType<typeof createDoor>;

/** Lets requests for a stream in, or answers them with an HTTP error. */
export function createDoor({ limits, probeSecret, clock, log, refused, isDraining }: DoorOptions) {
  const corsFor = createCors(limits.origins);
  const verdictOn = createAdmission({ limits, probeSecret, now: clock.now });
  const seldom = createSeldom(HINT_INTERVAL_MS, clock.now);

  const hint = (forwarded: string | string[]) => {
    const hops = String(forwarded).split(",").length;
    log.warn(
      `Clients behind a proxy count as one address. If this request passed ${hops} proxies of yours, set --trusted-proxies ${hops}`,
    );
  };

  /** Who has been let in, and keeps the place until its socket closes; undefined where nobody was. */
  return (request: IncomingMessage, socket: Duplex): Guest | undefined => {
    const verdict = isDraining() ? { refusal: "draining" as const } : verdictOn(request);
    if (!("refusal" in verdict)) {
      socket.on("close", verdict.leave);
      return verdict;
    }
    const { refusal } = verdict;
    const forwarded = request.headers["x-forwarded-for"];
    if (refusal.endsWith("_per_ip") && forwarded && limits.trustedProxies === 0) {
      seldom(() => hint(forwarded));
    }
    refused.add(refusal);
    // A page over server-sent events is to read why, and when to come again.
    refuseSocket(socket, refusal, corsFor(request.headers.origin));
    return undefined;
  };
}
