import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { createAdmission, type Guest } from "./admission.ts";
import type { Limits } from "./limits.ts";
import { createCors } from "./origins.ts";
import { createProxyHint } from "./proxy-hint.ts";
import { refuseSocket } from "./refusal.ts";
import type { Tally } from "./tally.ts";

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
  const hint = createProxyHint(limits, clock, log);

  /** Who has been let in, and keeps the place until its socket closes; undefined where nobody was. */
  return (request: IncomingMessage, socket: Duplex): Guest | undefined => {
    const verdict = isDraining() ? { refusal: "draining" as const } : verdictOn(request);
    if (!("refusal" in verdict)) {
      socket.on("close", verdict.leave);
      return verdict;
    }
    const { refusal } = verdict;
    if (refusal.endsWith("_per_ip")) hint(request.headers);
    refused.add(refusal);
    // A page over server-sent events is to read why, and when to come again.
    refuseSocket(socket, refusal, corsFor(request.headers.origin));
    return undefined;
  };
}
