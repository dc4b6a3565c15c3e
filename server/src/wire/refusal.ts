import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyReply } from "fastify";
import { type HttpErrorCode, httpErrors } from "../errors.ts";
import type { Tally } from "./tally.ts";

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
