import type { DataLabel, Derived, ServerMessage, StreamState } from "../protocol.ts";

/** What was read, and how many messages or single prices in it were of no use. */
export type Parsed = { message: ServerMessage | undefined; ignored: number };

type Fields = Readonly<Record<string, unknown>>;

/** A decimal above zero, without exponent. Longer ones are no prices. */
const PRICE = /^(?=[\d.]{1,64}$)(?=.*[1-9])\d+(\.\d+)?$/;

/**
 * Reads one message of the plain contract. Never throws, whatever comes. A price that is none is
 * left out; a message that would make a price look better than it is (an unreadable list of stale
 * ones, say) is ignored as a whole.
 */
export function parseMessage(data: unknown): Parsed {
  const fields = parseObject(data);
  const message = fields && read(fields);
  if (!fields || !message) return { message: undefined, ignored: 1 };
  const dropped =
    message.type === "price_update" && isObject(fields.prices)
      ? Object.keys(fields.prices).length - Object.keys(message.prices).length
      : 0;
  return { message, ignored: dropped };
}

function read(fields: Fields): ServerMessage | undefined {
  const { type, timestamp } = fields;
  if (typeof timestamp !== "string") return undefined;
  const common = { timestamp, ...readLabel(fields) };
  switch (type) {
    case "connection": {
      const message = typeof fields.message === "string" ? fields.message : "";
      const protocols = isStrings(fields.protocols) ? fields.protocols : [];
      return { type, status: "connected", message, protocols, ...common };
    }
    case "price_update": {
      // Gateways older than this contract send neither list.
      const { prices, stale = [], quoted = {}, derived = {}, thin = [] } = fields;
      const source = typeof fields.source === "string" ? fields.source : "";
      if (!isObject(prices) || !isStrings(stale) || !isLists(quoted)) return undefined;
      if (!isLists(derived) || !isStrings(thin)) return undefined;
      return { type, prices: onlyPrices(prices), stale, quoted, derived, thin, source, ...common };
    }
    case "status":
      if (!isState(fields.state)) return undefined;
      return {
        type,
        state: fields.state,
        source: typeof fields.source === "string" ? fields.source : null,
        prices_cached: typeof fields.prices_cached === "number" ? fields.prices_cached : 0,
        is_running: fields.is_running === true,
        last_update: typeof fields.last_update === "string" ? fields.last_update : null,
        ...common,
      };
    case "price": {
      const { symbol, price, quote = "USD", stale = false, last_update = "" } = fields;
      const { constituents = [], derived, thin } = fields;
      const source = typeof fields.source === "string" ? fields.source : "";
      if (typeof symbol !== "string" || !isPrice(price) || typeof quote !== "string") return;
      if (typeof stale !== "boolean" || typeof last_update !== "string") return undefined;
      if (!isStrings(constituents) || (derived !== undefined && !isDerived(derived))) return;
      return {
        type,
        symbol,
        price,
        quote,
        source,
        constituents,
        stale,
        last_update,
        ...(derived ? { derived } : {}),
        ...(thin === true ? { thin } : {}),
        ...common,
      };
    }
    case "keep_alive":
    case "pong":
      return { type, ...common };
    case "error": {
      const { code, message, hint = "" } = fields;
      if (typeof code !== "string" || typeof message !== "string") return undefined;
      return { type, code, message, hint: typeof hint === "string" ? hint : "", ...common };
    }
    default:
      return undefined;
  }
}

function parseObject(data: unknown): Fields | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const readLabel = ({ demo, replay }: Fields): DataLabel => ({
  ...(demo === true ? { demo } : {}),
  ...(replay === true ? { replay } : {}),
});

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const isLists = (value: unknown): value is Record<string, string[]> =>
  isObject(value) && Object.values(value).every(isStrings);

const isDerived = (value: unknown): value is Derived =>
  isObject(value) && [value.price, value.quote, value.rate].every((is) => typeof is === "string");

const isState = (value: unknown): value is StreamState =>
  value === "connecting" || value === "connected" || value === "stale";

const isPrice = (value: unknown): value is string => typeof value === "string" && PRICE.test(value);

const onlyPrices = (prices: Fields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(prices).filter((row): row is [string, string] => isPrice(row[1])),
  );
