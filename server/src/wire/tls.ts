import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import { createSecureContext } from "node:tls";
import { OperatorError, reasonOf } from "../errors.ts";
import { createTurnstile } from "./turnstile.ts";

/** A certificate chain and its private key, both PEM. */
export type Tls = { cert: string; key: string };

/**
 * A server that speaks TLS itself where it is given a certificate.
 * @throws OperatorError for a certificate or a key that is none, or that are not each other's
 */
export function createServerWith(
  tls: Tls | undefined,
  options: Omit<ServerOptions, "shouldUpgradeCallback">,
  handler: RequestListener,
): Server {
  const { handle, mayUpgrade } = createTurnstile(handler);
  const settings = { ...options, shouldUpgradeCallback: mayUpgrade };
  const server = tls ? secureServer(tls, settings, handle) : createServer(settings, handle);
  // What else than 100-continue a client expects, it does without.
  return server.on("checkExpectation", handle);
}

function secureServer(tls: Tls, settings: ServerOptions, handle: RequestListener): Server {
  expectUsable(tls);
  const handshakeTimeout = settings.headersTimeout;
  return createSecureServer({ ...settings, ...tls, handshakeTimeout }, handle);
}

/**
 * Lets new connections have another certificate; those that stand keep theirs.
 * @throws OperatorError as above; what was before goes on then
 */
export function renew(server: Server, tls: Tls) {
  expectUsable(tls);
  if (server instanceof SecureServer) server.setSecureContext(tls);
}

/** @throws OperatorError as above */
export function expectUsable({ cert, key }: Tls) {
  try {
    createSecureContext({ cert, key });
    // It takes an empty one without a word.
    const isOfThis = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    if (!isOfThis) throw new Error("the key is not that of the certificate");
  } catch (cause) {
    const why = reasonOf(cause);
    throw new OperatorError(`--tls-cert and --tls-key can't be used: ${why}`, 2, { cause });
  }
}

/** Until when a certificate is good, ms since 1970. */
export const goodUntil = ({ cert }: Tls): number => new X509Certificate(cert).validToDate.getTime();
