import type { LookupFunction } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import type { FaultName } from "./faults.ts";
import { EXCHANGES, type Exchange } from "./venue.ts";

/** Private key and certificate of a TLS server, PEM. */
export type Credentials = { key: string; cert: string };

export type NamesOptions = {
  /** Certified for `*.emulator.invalid`. */
  own: Credentials;
  /** Certified for another host. */
  foreign: Credentials;
};

/** The exchanges as reached by name over TLS. */
export type Names = {
  /** Stands in for the system's name resolution. */
  lookup: LookupFunction;
  /** What the TLS listener shows to who asks for `host`. */
  contextOf(host: string): SecureContext;
};

/** A name that no real name server resolves: https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
export const hostOf = (exchange: Exchange): string => `${exchange}.emulator.invalid`;

const ADDRESS = "127.0.0.1";

export function createNames(
  { own, foreign }: NamesOptions,
  faultOf: (exchange: Exchange) => FaultName | null,
): Names {
  const ownContext = createSecureContext(own);
  const foreignContext = createSecureContext(foreign);
  const exchangeOf = (host: string) => EXCHANGES.find((name) => hostOf(name) === host);
  const hasFault = (host: string, fault: FaultName) => {
    const exchange = exchangeOf(host);
    return exchange !== undefined && faultOf(exchange) === fault;
  };

  return {
    lookup(host, { all }, callback) {
      const isKnown = exchangeOf(host) !== undefined && !hasFault(host, "dns-failure");
      const failure = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
        code: "ENOTFOUND",
      });
      setImmediate(() => {
        if (!isKnown) callback(failure, "");
        else if (all) callback(null, [{ address: ADDRESS, family: 4 }]);
        else callback(null, ADDRESS, 4);
      });
    },
    contextOf: (host) => (hasFault(host, "tls-failure") ? foreignContext : ownContext),
  };
}
