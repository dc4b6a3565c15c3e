import type { IncomingMessage, ServerResponse } from "node:http";
import { respond } from "./answers.ts";
import type { Fault, Objection } from "./faults.ts";
import { EXCHANGES, type Exchange, isExchange } from "./venue.ts";

/** What the control API does, apart from being HTTP. */
export type Controls = {
  state(): unknown;
  /** Breaks an exchange, or says why not. */
  break(exchange: Exchange, fault: unknown, detail: unknown): Fault | Objection;
  mend(exchange: Exchange): void;
};

/** More than any fault needs, in bytes. */
const BODY_LIMIT = 4_096;

/**
 * `GET /control` tells the state, `PUT /control/{exchange}` breaks with `{"fault", "detail"}`,
 * `DELETE /control/{exchange}` mends. All answer with the state, or with `{error, hint}`.
 */
export async function control(
  controls: Controls,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fail = (status: number, error: string, hint: string) =>
    respond(response, { status, body: { error, hint } });
  const succeed = () => respond(response, { status: 200, body: controls.state() });
  const { method } = request;
  const [exchange, ...more] = path
    .split("/")
    .slice(2)
    .filter((part) => part !== "");

  if (exchange === undefined) {
    if (method === "GET") return succeed();
    return fail(405, "method not allowed", "GET /control, PUT or DELETE /control/{exchange}");
  }
  if (!isExchange(exchange) || more.length > 0) {
    return fail(404, "no such exchange", `one of ${EXCHANGES.join(", ")}`);
  }
  if (method === "DELETE") {
    controls.mend(exchange);
    return succeed();
  }
  if (method !== "PUT") return fail(405, "method not allowed", "PUT to break, DELETE to mend");

  const text = await readBody(request);
  if (text === undefined) return fail(413, "body too large", `at most ${BODY_LIMIT} bytes`);
  const order = parse(text);
  if (!order || !("fault" in order)) {
    return fail(400, "body is not a fault", '{"fault": "stall", "detail": {}}');
  }
  const detail: unknown = "detail" in order ? order.detail : undefined;
  const outcome = controls.break(exchange, order.fault, detail);
  return "error" in outcome ? fail(400, outcome.error, outcome.hint) : succeed();
}

/** The body as text; undefined if it is longer than it may be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const part: Buffer = chunk;
    size += part.length;
    if (size <= BODY_LIMIT) chunks.push(part);
  }
  return size > BODY_LIMIT ? undefined : Buffer.concat(chunks).toString();
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
