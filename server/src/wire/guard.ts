import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { type Clock, every } from "../clock.ts";
import type { HttpErrorCode } from "../errors.ts";
import { clientAddress } from "./address.ts";
import type { Limits } from "./limits.ts";
import { createPlaces } from "./places.ts";
import { createProxyHint } from "./proxy-hint.ts";
import { createRate } from "./rate.ts";
import { answerError, refuseSocket } from "./refusal.ts";
import type { Tally } from "./tally.ts";
import { createServerWith, type Tls } from "./tls.ts";

/** Within so long a part of an answer has to be taken, ms. */
const ANSWER_MS = 15_000;
/** TCP connections beside those of the stream's clients: for HTTP, and to say no to one too many. */
const CONNECTIONS_BESIDES = 1000;
/** Of this machine: the gateway's own probe and health checks are let in when all others are not. */
const CONNECTIONS_RESERVED = 100;
const THIS_MACHINE = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
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
    clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket) {
      // Who has not come to speak TLS can't be told anything.
      const isTls = /^ERR_(TLS|SSL)_/.test(error.code ?? "");
      if (isTls) refused.add("bad_tls");
      if (isTls || error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
      const code = errorCodes[error.code ?? ""] ?? "bad_request";
      refused.add(code);
      refuseSocket(socket, code);
    },
  };
}

/** Closes connections beyond what clients and HTTP can need, in all and of one address. */
export function capConnections(server: Server, { limits, refused }: GuardOptions) {
  const most = limits.clients + CONNECTIONS_BESIDES;
  // Behind a proxy all are of one address, and the proxy bounds them.
  const mostOfOne =
    limits.trustedProxies > 0 ? most : Math.min(most, limits.clientsPerIp + CONNECTIONS_BESIDES);
  const open = createPlaces();
  server.maxConnections = most + CONNECTIONS_RESERVED;
  server.on("drop", () => refused.add("too_many_connections"));
  server.on("connection", (socket: Socket) => {
    if (THIS_MACHINE.has(socket.remoteAddress ?? "")) return;
    const address = clientAddress(socket.remoteAddress, undefined, 0);
    if (open.all() < most && open.of(address) < mostOfOne) {
      socket.once("close", open.take(address));
      return;
    }
    refused.add("too_many_connections");
    socket.destroy();
  });
}

/** Ends connections on which an answer gets no further for so long. Streams are not answers: others write them. */
export function guardAnswers(app: FastifyInstance, clock: Clock) {
  app.addHook("onSend", async ({ raw: { socket } }, { raw }) => {
    const left = () => socket.bytesWritten - socket.writableLength;
    let before = left();
    const stop = every(clock, ANSWER_MS, () => {
      if (left() === before) socket.destroy();
      before = left();
    });
    raw.once("close", stop);
  });
}

export type Throttle = ReturnType<typeof createThrottle>;

/** Answers who asks too often with 429. To be put before what costs something. */
export function createThrottle({
  limits,
  refused,
  clock,
  log,
}: GuardOptions & { clock: Clock; log: Logger }) {
  const isWithin = createRate(limits.requestsPerIpPerS, clock.now);
  const hint = createProxyHint(limits, clock, log);
  return async ({ raw }: FastifyRequest, reply: FastifyReply) => {
    const forwarded = raw.headers["x-forwarded-for"];
    const address = clientAddress(raw.socket.remoteAddress, forwarded, limits.trustedProxies);
    if (isWithin(address)) return;
    hint(raw.headers);
    return answerError(reply, "too_many_requests_per_ip", refused);
  };
}

const errorCodes: Record<string, HttpErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
  HPE_HEADER_OVERFLOW: "headers_too_large",
};
