import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyReply } from "fastify";
import { type HttpErrorCode, httpErrors } from "../errors.ts";
import type { Tally } from "./tally.ts";

/** Ends a socket, of which nobody else will write, with an HTTP error. */
export function refuseSocket(socket: Duplex, code: HttpErrorCode) {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(answer(code));
}

/** The same through Fastify, and counted. */
export function answerError(
  reply: FastifyReply,
  code: HttpErrorCode,
  refused: Tally,
): FastifyReply {
  refused.add(code);
  const { status, message, hint } = httpErrors[code];
  return reply.code(status).send({ error: { code, message, hint } });
}

function answer(code: HttpErrorCode): string {
  const { status, retryAfterS, message, hint } = httpErrors[code];
  const body = JSON.stringify({ error: { code, message, hint } });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
    ...(code === "bad_handshake" ? ["Sec-WebSocket-Version: 13"] : []),
    "",
    body,
  ].join("\r\n");
}
