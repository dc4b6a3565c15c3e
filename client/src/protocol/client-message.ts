import { isCount, isObject, isText, parseObject } from "./checks.ts";
import type { ClientMessage, Position } from "./v1.ts";

/** Shortest and longest interval that a client may ask for, ms; also 0, for each tick. */
export const INTERVAL_MS = { least: 100, most: 60_000, step: 50 } as const;

/** A name longer than this is none of an asset, in characters. */
export const LONGEST_NAME = 64;

/** Why a message of a client is of no use. */
export type BadMessage = "not_json" | "unknown_type" | "bad_subscription" | "bad_echo";

/** Reads a message of a client. Never throws, and works no more than its length explains. */
export function decodeClientMessage(text: string): ClientMessage | { bad: BadMessage } {
  if (text === "ping") return { type: "ping" };
  const fields = parseObject(text);
  if (!fields) return { bad: "not_json" };
  switch (fields.type) {
    case "ping":
      return { type: "ping" };
    case "echo":
      return isCount(fields.seq) ? { type: "echo", seq: fields.seq } : { bad: "bad_echo" };
    case "subscribe": {
      const { assets, interval, since, more } = fields;
      if (assets !== undefined && !isNames(assets)) return { bad: "bad_subscription" };
      if (interval !== undefined && !isInterval(interval)) return { bad: "bad_subscription" };
      if (since !== undefined && !isPosition(since)) return { bad: "bad_subscription" };
      if (more !== undefined && more !== true) return { bad: "bad_subscription" };
      return {
        type: "subscribe",
        ...(assets === undefined ? {} : { assets }),
        ...(interval === undefined ? {} : { interval }),
        ...(since === undefined ? {} : { since: { epoch: since.epoch, seq: since.seq } }),
        ...(more ? { more } : {}),
      };
    }
    case "unsubscribe": {
      const { assets, more } = fields;
      if (!isNames(assets)) return { bad: "bad_subscription" };
      if (more !== undefined && more !== true) return { bad: "bad_subscription" };
      return { type: "unsubscribe", assets, ...(more ? { more } : {}) };
    }
    default:
      return { bad: "unknown_type" };
  }
}

const isNames = (value: unknown): value is "*" | string[] =>
  value === "*" || (Array.isArray(value) && value.every(isName));

const isName = (value: unknown): value is string =>
  isText(value) && value !== "*" && value.length > 0 && value.length <= LONGEST_NAME;

export const isInterval = (value: unknown): value is number =>
  isCount(value) && (value === 0 || (value >= INTERVAL_MS.least && value <= INTERVAL_MS.most));

const isPosition = (value: unknown): value is Position =>
  isObject(value) && isText(value.epoch) && isCount(value.seq);
