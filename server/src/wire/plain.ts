import type { Book } from "../book/book.ts";
import { type ClientErrorCode, clientErrors } from "../errors.ts";
import type { Plain } from "../hub/plain.ts";
import type { Asset } from "../types.ts";

export type PlainSessionOptions = {
  plain: Plain;
  book: Book;
  find(name: string): Asset | undefined;
};

/** Answers the messages of clients of the plain contract. */
export function createPlainSession({ plain, book, find }: PlainSessionOptions) {
  const error = (code: ClientErrorCode): string =>
    plain.error(code, clientErrors[code].message, clientErrors[code].hint);

  const price = (symbol: unknown): string => {
    if (typeof symbol !== "string" || symbol === "") return error("bad_symbol");
    const asset = find(symbol);
    if (!asset) return error("unknown_asset");
    const entry = book.get(asset.id);
    return entry ? plain.price(entry) : error("no_price");
  };

  return (text: string, isBinary: boolean): string => {
    if (isBinary) return error("text_only");
    if (text === "ping") return plain.pong();
    const message = parse(text);
    if (message === undefined) return error("not_json");
    switch (message.type) {
      case "ping":
        return plain.pong();
      case "get_status":
        return plain.status();
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
