/**
 * Kraken v1, as old recordings have it: https://docs.kraken.com/exchange/api-reference/spot-websocket-v1
 * Every frame has a name, so that such a recording complains of nothing; none gives a price.
 */
import type { SourceEvent } from "../types.ts";
import { excerpt, isRecord } from "./reading.ts";

/** Data: `[340, {…}, "book-1000", "XBT/USD"]`, sometimes with a second object. */
type V1Data = [...unknown[], channel: string, pair: string];

type V1Event = { event: string; status?: unknown; errorMessage?: unknown };

const CHANNEL = /^(ticker|trade|spread|book|ohlc)(-\d+)?$/;

/** Whether JSON is in the form of v1. */
export const isV1 = (message: unknown): message is V1Data | V1Event =>
  Array.isArray(message)
    ? message.length >= 4 && message.slice(-2).every((part) => typeof part === "string")
    : isRecord(message) && typeof message.event === "string";

export function readV1(message: V1Data | V1Event): SourceEvent {
  if (Array.isArray(message)) {
    const [channel = ""] = message.slice(-2).map(String);
    const [, what] = CHANNEL.exec(channel) ?? [];
    return what ? { kind: "ignored", what: `v1 ${what}` } : { kind: "unknown", what: channel };
  }
  const { event, status, errorMessage } = message;
  if (event === "heartbeat" || event === "pong") return { kind: "heartbeat" };
  if (event === "systemStatus") return { kind: "ignored", what: "v1 systemStatus" };
  if (event === "error" || (event === "subscriptionStatus" && status === "error")) {
    return { kind: "error", message: excerpt(errorMessage), fatal: false };
  }
  return event === "subscriptionStatus" ? { kind: "ack" } : { kind: "unknown", what: event };
}
