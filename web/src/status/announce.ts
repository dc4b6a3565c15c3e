import type { StreamStatus } from "@cryptovault/price-stream";

/**
 * What a screen reader is told when the state of the connection becomes another one: whole sentences,
 * and neither attempts nor countdowns. Undefined where there is nothing to tell.
 * @param before the state until now
 * @param hasPrices whether any price is shown
 */
export function announcement(
  before: StreamStatus["state"],
  { state, reason }: StreamStatus,
  hasPrices: boolean,
): string | undefined {
  if (state === before) return undefined;
  const old = hasPrices ? " The prices shown are old." : "";
  if (state === "live") {
    return before === "connecting" ? "Connected. Prices are live." : "Prices are live again.";
  }
  if (state === "stale") return `Prices are stale. ${asSentence(reason)}`;
  if (state === "reconnecting") return `Connection lost, reconnecting.${old}`;
  if (state === "failed") return `${asSentence(reason)}${old} You can retry.`;
  if (state === "closed") return "The price stream is closed.";
  return undefined;
}

export const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
