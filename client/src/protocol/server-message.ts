import { type Fields, isCount, isObject, isPrice, isText, isTexts, parseObject } from "./checks.ts";
import type { ServerMessage } from "./v1.ts";

/** Reads a message of the gateway. Never throws; undefined for what is none, or has holes. */
export function decodeServerMessage(text: string): ServerMessage | undefined {
  const fields = parseObject(text);
  return fields && isServerMessage(fields) ? fields : undefined;
}

/** Whether a value is what it has to be, as a field of `whole`. */
type Check = (value: unknown, whole: Fields) => boolean;

const optional =
  (is: Check): Check =>
  (value, whole) =>
    value === undefined || is(value, whole);

const list =
  (is: Check): Check =>
  (value, whole) =>
    Array.isArray(value) && value.every((item) => is(item, whole));

/** A list with a place for each of the assets beside it. */
const column =
  (is: Check): Check =>
  (value, whole) =>
    list(is)(value, whole) && Object(value).length === Object(whole.assets).length;

const object =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, is]) => is(value[name], value));

const isTime: Check = (value) => isText(value) && !Number.isNaN(Date.parse(value));

const isFlag = optional((value) => value === true);

const isNumberOrNull: Check = (value) => value === null || Number.isFinite(value);

/** Only the first of ascending numbers may be 0. */
const isGaps: Check = (value) =>
  Array.isArray(value) && value.every((gap, place) => isCount(gap) && (gap > 0 || place === 0));

const isFacts = object({
  assets: isGaps,
  names: column(isText),
  source: isText,
  quote: isText,
  derivedFrom: optional(isText),
  thin: isFlag,
  stale: optional(column(Number.isFinite)),
});

const isSubscription = object({
  assets: (value) => value === "*" || isCount(value),
  interval: isCount,
  names: optional((value) => isObject(value) && isTexts(Object.values(value))),
  unknown: optional(isTexts),
  changes: optional(isCount),
});

const isOfAnyType = object({ timestamp: isTime, demo: isFlag, replay: isFlag });

const isOfType = new Map<unknown, Check>([
  [
    "hello",
    object({
      epoch: isText,
      seq: isCount,
      heartbeatMs: isCount,
      limits: object({ messageBytes: isCount, messagesPerSecond: isCount, assets: isCount }),
    }),
  ],
  [
    "price_update",
    object({
      seq: isCount,
      assets: isGaps,
      prices: column(isPrice),
      change24h: optional(column(isNumberOrNull)),
      ages: optional(column(isNumberOrNull)),
      facts: optional(list(isFacts)),
      removed: optional(isGaps),
      echo: isFlag,
      subscription: optional(isSubscription),
    }),
  ],
  ["heartbeat", object({ seq: isCount, echo: isFlag })],
  ["pong", isObject],
  ["error", object({ code: isText, message: isText, hint: isText })],
]);

const isServerMessage = (fields: Fields): fields is Fields & ServerMessage =>
  isOfAnyType(fields, fields) && isOfType.get(fields.type)?.(fields, fields) === true;
