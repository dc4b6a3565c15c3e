import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** An HTTP answer with a JSON body; `retryAfter` in seconds. */
export type JsonAnswer = { status: number; body: unknown; retryAfter?: number | undefined };

const headersOf = ({ retryAfter }: JsonAnswer, body: string): Record<string, string> => ({
  "Content-Type": "application/json",
  "Content-Length": String(Buffer.byteLength(body)),
  ...(retryAfter === undefined ? {} : { "Retry-After": String(Math.ceil(retryAfter)) }),
});

export function respond(response: ServerResponse, answer: JsonAnswer): void {
  const body = JSON.stringify(answer.body);
  response.writeHead(answer.status, headersOf(answer, body)).end(body);
}

/** Answers a WebSocket handshake with something else than 101. */
export function refuseUpgrade(connection: Duplex, answer: JsonAnswer): void {
  const body = JSON.stringify(answer.body);
  const headers = Object.entries({ ...headersOf(answer, body), Connection: "close" });
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  connection.on("error", () => {});
  connection.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
