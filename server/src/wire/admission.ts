import type { HttpErrorCode } from "../errors.ts";
import { clientAddress } from "./address.ts";
import { type Limits, secondIsOver } from "./limits.ts";
import { createOrigins } from "./origins.ts";

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
  const clients = new Map<string, number>();
  const handshakes = new Map<string, number>();
  let allClients = 0;
  let allHandshakes = 0;
  let secondStart = 0;

  const refusalOf = (address: string): HttpErrorCode | undefined => {
    if (secondIsOver(secondStart, now())) {
      secondStart = now();
      allHandshakes = 0;
      handshakes.clear();
    }
    const tries = (handshakes.get(address) ?? 0) + 1;
    handshakes.set(address, tries);
    // Its own limits come first: who is refused by them takes nothing of what all share.
    if (tries > limits.handshakesPerIpPerS) return "too_many_handshakes_per_ip";
    if ((clients.get(address) ?? 0) >= limits.clientsPerIp) return "too_many_clients_per_ip";
    if (allClients >= limits.clients) return "too_many_clients";
    if (++allHandshakes > limits.handshakesPerS) return "too_many_handshakes";
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
    allClients++;
    clients.set(address, (clients.get(address) ?? 0) + 1);
    const { origin } = headers;
    return {
      counted: true,
      welcome: allows(origin === undefined ? undefined : String(origin)),
      leave() {
        allClients--;
        const left = (clients.get(address) ?? 0) - 1;
        if (left > 0) clients.set(address, left);
        else clients.delete(address);
      },
    };
  };
}
