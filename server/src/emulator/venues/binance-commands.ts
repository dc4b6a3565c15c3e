/**
 * What Binance answers to a message:
 * https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
 */

/** What one socket has subscribed to, and whether its frames name their stream. */
export type Streams = { names: Set<string>; combined: boolean };

type Id = number | string | null;

const METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`";

/** How many streams one connection may hold. What the exchange says of one more is unverified. */
export const MOST_STREAMS = 1024;

/** The documented codes. */
const UNKNOWN_PROPERTY = 0;
const INVALID_VALUE = 1;
const INVALID_REQUEST = 2;
const INVALID_JSON = 3;

/** Carries out one message on `streams` and returns the reply. */
export function obey(streams: Streams, text: string): unknown {
  const message = parse(text);
  if (message === undefined) {
    return refused(INVALID_JSON, "Invalid JSON: expected value at line 1 column 1");
  }
  if (typeof message !== "object" || message === null || !("method" in message)) {
    const missing = `missing field \`method\` at line 1 column ${text.length}`;
    return refused(INVALID_REQUEST, `Invalid request: ${missing}`);
  }
  const id: unknown = "id" in message ? message.id : undefined;
  if (!isId(id)) {
    return refused(INVALID_REQUEST, "Invalid request: request ID must be an unsigned integer");
  }
  const params: unknown = "params" in message ? message.params : [];
  switch (message.method) {
    case "SUBSCRIBE":
    case "UNSUBSCRIBE": {
      if (!isStrings(params)) return badStreams(id);
      if (
        message.method === "SUBSCRIBE" &&
        new Set([...streams.names, ...params]).size > MOST_STREAMS
      ) {
        return refused(INVALID_REQUEST, "Invalid request: too many streams", id);
      }
      for (const name of params) {
        if (message.method === "SUBSCRIBE") streams.names.add(name);
        else streams.names.delete(name);
      }
      return { result: null, id };
    }
    case "LIST_SUBSCRIPTIONS":
      return { result: [...streams.names], id };
    case "SET_PROPERTY":
    case "GET_PROPERTY":
      return property(streams, message.method, params, id);
    default: {
      const unknown = `unknown variant \`${message.method}\`, expected one of ${METHODS}`;
      return refused(INVALID_REQUEST, `Invalid request: ${unknown} at line 1 column 28`, id);
    }
  }
}

function property(streams: Streams, method: string, params: unknown, id: Id): unknown {
  const [name, value]: unknown[] = Array.isArray(params) ? params : [];
  if (typeof name !== "string") {
    return refused(INVALID_REQUEST, "Invalid request: property name must be a string", id);
  }
  if (name !== "combined") return refused(UNKNOWN_PROPERTY, "Unknown property", id);
  if (method === "GET_PROPERTY") return { result: streams.combined, id };
  if (typeof value !== "boolean") {
    return refused(INVALID_VALUE, "Invalid value type: expected Boolean", id);
  }
  streams.combined = value;
  return { result: null, id };
}

/** The documented form is flat; the one observed where the id is known is nested. */
const refused = (code: number, msg: string, id?: Id): unknown =>
  id === undefined ? { code, msg } : { error: { code, msg }, id };

const badStreams = (id: Id): unknown =>
  refused(INVALID_REQUEST, "Invalid request: invalid type: expected a sequence of strings", id);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A 64-bit integer, an alphanumeric string of up to 36 characters, or null. */
const isId = (id: unknown): id is Id =>
  id === null || Number.isInteger(id) || (typeof id === "string" && /^[A-Za-z0-9]{1,36}$/.test(id));

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
