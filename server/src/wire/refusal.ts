import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "pino";
import { type HttpErrorCode, httpErrors } from "../errors.ts";
import type { Tally } from "./tally.ts";

/** Time for a refusal to reach who may not read it, or has not even begun to speak TLS, ms. */
const END_GRACE_MS = 1000;

/**
 * Ends a socket, to which nobody else will write, with an HTTP error.
 * @param headers more of them
 */
export function refuseSocket(
  socket: Duplex,
  code: HttpErrorCode,
  headers: Readonly<Record<string, string>> = {},
) {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  const limit = setTimeout(() => socket.destroy(), END_GRACE_MS);
  socket.once("close", () => clearTimeout(limit));
  socket.end(answer(code, headers));
}

/** The same through Fastify, and counted. */
export function answerError(
  reply: FastifyReply,
  code: HttpErrorCode,
  refused: Tally,
): FastifyReply {
  refused.add(code);
  const { status, retryAfterS, message, hint } = httpErrors[code];
  if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
  return reply.code(status).send({ error: { code, message, hint } });
}

/**
 * Failures, of a request or of the gateway's own, are told like all others: what Fastify says of them would
 * tell everybody what is inside.
 */
export function answerFailures(
  app: FastifyInstance,
  { refused, log }: { refused: Tally; log: Logger },
) {
  app.setErrorHandler((error: FastifyError, { url }, reply) => {
    const isTheirs = (error.statusCode ?? 500) < 500;
    if (!isTheirs)
      log.error({ url: url.split("?")[0], error: String(error) }, "A request has failed");
    return answerError(reply, isTheirs ? "bad_request" : "internal_error", refused);
  });
}

function answer(code: HttpErrorCode, headers: Readonly<Record<string, string>>): string {
  const { status, retryAfterS, message, hint } = httpErrors[code];
  const body = JSON.stringify({ error: { code, message, hint } });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(code === "bad_handshake" ? ["Sec-WebSocket-Version: 13"] : []),
    "",
    body,
  ].join("\r\n");
}
