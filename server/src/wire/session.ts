import type { Book } from "../book/book.ts";
import { type ClientErrorCode, clientErrors } from "../errors.ts";
import type { Plain } from "../hub/plain.ts";
import type { Asset } from "../types.ts";

/** Messages a client may send within one second. */
const MESSAGES_PER_SECOND = 20;

export type SessionOptions = {
  plain: Plain;
  book: Book;
  find(name: string): Asset | undefined;
  /** Monotonic or wall time, ms: only differences count. */
  now(): number;
};

/** What the server does about one message: the text to send, and whether the client has to go. */
export type Answer = { reply: string; flood?: true };

/** Reads the messages of one client of the plain contract. Pure but for its message count. */
export function createSession({ plain, book, find, now }: SessionOptions) {
  let windowStart = Number.NEGATIVE_INFINITY;
  let inWindow = 0;

  const error = (code: ClientErrorCode): Answer => ({
    reply: plain.error(code, clientErrors[code].message, clientErrors[code].hint),
  });

  const isFlooding = () => {
    if (now() - windowStart >= 1000) {
      windowStart = now();
      inWindow = 0;
    }
    return ++inWindow > MESSAGES_PER_SECOND;
  };

  const price = (symbol: unknown): Answer => {
    if (typeof symbol !== "string" || symbol === "") return error("bad_symbol");
    const asset = find(symbol);
    if (!asset) return error("unknown_asset");
    const entry = book.get(asset.id);
    return entry ? { reply: plain.price(entry) } : error("no_price");
  };

  return (text: string, isBinary: boolean): Answer => {
    if (isFlooding()) return { ...error("too_many_messages"), flood: true };
    if (isBinary) return error("text_only");
    if (text === "ping") return { reply: plain.pong() };
    const message = parse(text);
    if (message === undefined) return error("not_json");
    switch (message.type) {
      case "ping":
        return { reply: plain.pong() };
      case "get_status":
        return { reply: plain.status() };
      case "get_price":
        return price(message.symbol);
      default:
        return error("unknown_type");
    }
  };
}

/** The fields of a JSON object; none for other JSON; undefined for what is no JSON. */
function parse(text: string): { type?: unknown; symbol?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return undefined;
  }
}
