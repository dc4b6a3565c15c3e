import {
  type Fields,
  isObject,
  isPrice,
  isText,
  isTexts,
  parseObject,
} from "../protocol/checks.ts";
import type { DataLabel, Derived, ServerMessage, StreamState } from "../protocol.ts";

/** What was read, and how many messages or single prices in it were of no use. */
export type Parsed = { message: ServerMessage | undefined; ignored: number };

/**
 * Reads one message of the plain contract. Never throws, whatever comes. A price that is none is
 * left out; a message that would make a price look better than it is (an unreadable list of stale
 * ones, say) is ignored as a whole.
 */
export function parseMessage(data: unknown): Parsed {
  const fields = isText(data) ? parseObject(data) : undefined;
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
  if (!isText(timestamp)) return undefined;
  const common = { timestamp, ...readLabel(fields) };
  switch (type) {
    case "connection": {
      const message = isText(fields.message) ? fields.message : "";
      const protocols = isTexts(fields.protocols) ? fields.protocols : [];
      return { type, status: "connected", message, protocols, ...common };
    }
    case "price_update": {
      // Gateways older than this contract send neither list.
      const { prices, stale = [], quoted = {}, derived = {}, thin = [] } = fields;
      const source = isText(fields.source) ? fields.source : "";
      if (!isObject(prices) || !isTexts(stale) || !isLists(quoted)) return undefined;
      if (!isLists(derived) || !isTexts(thin)) return undefined;
      return { type, prices: onlyPrices(prices), stale, quoted, derived, thin, source, ...common };
    }
    case "status":
      if (!isState(fields.state)) return undefined;
      return {
        type,
        state: fields.state,
        source: isText(fields.source) ? fields.source : null,
        prices_cached: typeof fields.prices_cached === "number" ? fields.prices_cached : 0,
        is_running: fields.is_running === true,
        last_update: isText(fields.last_update) ? fields.last_update : null,
        ...common,
      };
    case "price": {
      const { symbol, price, quote = "USD", stale = false, last_update = "" } = fields;
      const { constituents = [], derived, thin } = fields;
      const source = isText(fields.source) ? fields.source : "";
      if (!isText(symbol) || !isPrice(price) || !isText(quote)) return;
      if (typeof stale !== "boolean" || !isText(last_update)) return undefined;
      if (!isTexts(constituents) || (derived !== undefined && !isDerived(derived))) return;
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
      if (!isText(code) || !isText(message)) return undefined;
      return { type, code, message, hint: isText(hint) ? hint : "", ...common };
    }
    default:
      return undefined;
  }
}

const readLabel = ({ demo, replay }: Fields): DataLabel => ({
  ...(demo === true ? { demo } : {}),
  ...(replay === true ? { replay } : {}),
});

const isLists = (value: unknown): value is Record<string, string[]> =>
  isObject(value) && Object.values(value).every(isTexts);

const isDerived = (value: unknown): value is Derived =>
  isObject(value) && [value.price, value.quote, value.rate].every(isText);

const isState = (value: unknown): value is StreamState =>
  value === "connecting" || value === "connected" || value === "stale";

const onlyPrices = (prices: Fields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(prices).filter((row): row is [string, string] => isPrice(row[1])),
  );
