import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import type { HttpErrorCode } from "../errors.ts";
import type { Limits } from "./limits.ts";
import { createOrigins } from "./origins.ts";
import { answerError, refuseSocket } from "./refusal.ts";
import type { Tally } from "./tally.ts";
import { createServerWith, type Tls } from "./tls.ts";

/** TCP connections beside those of the stream's clients: for HTTP, and to say no to one too many. */
const CONNECTIONS_BESIDES = 1000;
/** A proxy keeps idle connections for later, and takes it ill when they end under its hands, ms. */
const PROXY_KEEP_ALIVE_MS = 72_000;

type GuardOptions = { limits: Limits; refused: Tally };

/** Fastify's options against requests that are too slow, too long, or none at all. */
export function guarded({ limits, refused, tls }: GuardOptions & { tls?: Tls | undefined }) {
  const { headersMs, trustedProxies } = limits;
  const checkMs = Math.ceil(headersMs / 10);
  const timeouts = {
    // Node looks from time to time only: so that no request has longer than it may.
    headersTimeout: headersMs - checkMs,
    connectionsCheckingInterval: checkMs,
    requestTimeout: headersMs,
    keepAliveTimeout: trustedProxies > 0 ? PROXY_KEEP_ALIVE_MS : headersMs,
  };
  return {
    bodyLimit: 64 * 1024,
    serverFactory: (handler: RequestListener) => createServerWith(tls, timeouts, handler),
    frameworkErrors(_error: unknown, _request: unknown, reply: FastifyReply) {
      answerError(reply, "bad_request", refused);
    },
    clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket) {
      if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
      const code = errorCodes[error.code ?? ""] ?? "bad_request";
      refused.add(code);
      refuseSocket(socket, code);
    },
  };
}

/** Closes connections beyond what clients and HTTP can need. */
export function capConnections(server: Server, { limits, refused }: GuardOptions) {
  server.maxConnections = limits.clients + CONNECTIONS_BESIDES;
  server.on("drop", () => refused.add("too_many_connections"));
}

/** The page may live on another host: its origin may read what the stream would tell it. */
export function createCors(list: Limits["origins"]) {
  const allows = createOrigins(list);
  return (origin: string | undefined): Record<string, string> => {
    if (!list) return { "access-control-allow-origin": "*" };
    const allowed = origin !== undefined && allows(origin);
    return { vary: "origin", ...(allowed ? { "access-control-allow-origin": origin } : {}) };
  };
}

const errorCodes: Record<string, HttpErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
  HPE_HEADER_OVERFLOW: "headers_too_large",
};
