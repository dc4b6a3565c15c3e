import type { HttpErrorCode } from "../errors.ts";
import { clientAddress } from "./address.ts";
import type { Limits } from "./limits.ts";
import { createOrigins } from "./origins.ts";
import { createPlaces } from "./places.ts";
import { createRate } from "./rate.ts";

/** The header by which the gateway's own probe names itself, with the process's secret. */
export const PROBE_HEADER = "x-price-stream-probe";

/** What has to be known of a request for a WebSocket. */
export type Caller = {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  socket: { remoteAddress?: string | undefined };
};

/** One that may connect. */
export type Guest = {
  /** False for the gateway's own probe, which is no client. */
  counted: boolean;
  /** False where its page is of an origin that is not allowed: it is to be told so, and closed. */
  welcome: boolean;
  /** Gives its place back; to be called once. */
  leave(): void;
};

export type Verdict = Guest | { refusal: HttpErrorCode };

/** Who may connect: counts connections and handshakes, in all and by address. */
export function createAdmission(options: { limits: Limits; probeSecret: string; now(): number }) {
  const { limits, probeSecret, now } = options;
  const allows = createOrigins(limits.origins);
  const clients = createPlaces();
  const isWithinOwn = createRate(limits.handshakesPerIpPerS, now);
  const isWithinAll = createRate(limits.handshakesPerS, now);

  const refusalOf = (address: string): HttpErrorCode | undefined => {
    // Its own limits come first: who is refused by them takes nothing of what all share.
    if (!isWithinOwn(address)) return "too_many_handshakes_per_ip";
    if (clients.of(address) >= limits.clientsPerIp) return "too_many_clients_per_ip";
    if (clients.all() >= limits.clients) return "too_many_clients";
    if (!isWithinAll("all")) return "too_many_handshakes";
    return undefined;
  };

  return ({ headers, socket }: Caller): Verdict => {
    if (headers[PROBE_HEADER] === probeSecret) {
      return { counted: false, welcome: true, leave() {} };
    }
    const address = clientAddress(
      socket.remoteAddress,
      headers["x-forwarded-for"],
      limits.trustedProxies,
    );
    const refusal = refusalOf(address);
    if (refusal) return { refusal };
    const { origin } = headers;
    return {
      counted: true,
      welcome: allows(origin === undefined ? undefined : String(origin)),
      leave: clients.take(address),
    };
  };
}
