import { X509Certificate } from "node:crypto";
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import { createSecureContext } from "node:tls";
import { OperatorError } from "../errors.ts";

/** A certificate chain and its private key, both PEM. */
export type Tls = { cert: string; key: string };

/**
 * A server that speaks TLS itself where it is given a certificate.
 * @throws OperatorError for a certificate or a key that is none, or that are not each other's
 */
export function createServerWith(
  tls: Tls | undefined,
  options: ServerOptions,
  handler: RequestListener,
): Server {
  if (!tls) return createServer(options, handler);
  return explained(() => createSecureServer({ ...options, ...tls }, handler));
}

/**
 * Lets new connections have another certificate; those that stand keep theirs.
 * @throws OperatorError as above; what was before goes on then
 */
export function renew(server: Server, tls: Tls) {
  explained(() => {
    if (server instanceof SecureServer) server.setSecureContext(tls);
  });
}

/** @throws OperatorError as above */
export const expectUsable = (tls: Tls) => void explained(() => createSecureContext(tls));

/** Until when a certificate is good, ms since 1970. */
export const goodUntil = ({ cert }: Tls): number => new X509Certificate(cert).validToDate.getTime();

function explained<Result>(fn: () => Result): Result {
  try {
    return fn();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new OperatorError(`--tls-cert and --tls-key can't be used: ${why}`, 2, { cause });
  }
}
