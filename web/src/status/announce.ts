import type { StreamStatus } from "@cryptovault/price-stream";

/**
 * What a screen reader is told when the state of the connection becomes another one: whole sentences,
 * and neither attempts nor countdowns. Undefined where there is nothing to tell.
 * @param before the state until now
 */
export function announcement(
  before: StreamStatus["state"],
  status: StreamStatus,
): string | undefined {
  const { state, reason } = status;
  if (state === before) return undefined;
  if (state === "live") {
    return before === "connecting" ? "Connected. Prices are live." : "Prices are live again.";
  }
  if (state === "stale") return `Prices are stale. ${reason}`;
  if (state === "reconnecting") return "Connection lost, reconnecting. The prices shown are old.";
  if (state === "failed") return `${asSentence(reason)} The prices shown are old. You can retry.`;
  if (state === "closed") return "The price stream is closed.";
  return undefined;
}

export const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
