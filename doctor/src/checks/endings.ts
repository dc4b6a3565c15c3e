import type { LineSeen } from "../seen.ts";
import { duration } from "../words.ts";

/** How a line ended that was to stay: `closed with 1006 after 3 s`. */
export const ending = ({ ms, code, reason, isGarbled }: NonNullable<LineSeen["end"]>): string =>
  `${isGarbled ? "garbled: " : ""}closed with ${code} after ${duration(ms)}${reason ? ` (${reason})` : ""}`;

/** What to do about it; docs/protocol.md lists the codes. */
export function mendEnding({ end, complaint, messages }: LineSeen): string {
  if (complaint?.code === "token_missing") {
    return "Give the doctor a key or token with --token, and the pages one, too: this gateway is not for everybody.";
  }
  if (complaint) return complaint.hint;
  if (end?.isGarbled) {
    return "Look at the proxy, and check the path: what comes is no longer a WebSocket's, since something changes it on the way or another service answers.";
  }
  switch (end?.code) {
    case 1001:
    case 1012:
      return "Wait until the gateway has restarted; if it goes on restarting, look at why in its log.";
    case 3008:
      return "Look at the network between here and the gateway: it is too slow for the prices, or a proxy holds them back.";
    case 1006:
      return messages === 0
        ? "Look at the logs of the proxy and the gateway: one of them takes the handshake, and drops the line before a message has come."
        : "Raise the time for which the proxy or platform lets a WebSocket stand, and look for restarts of the gateway: the line was cut without a word.";
    default:
      return "Look at the gateway's log of that moment, and at the proxy's: one of them closes lines.";
  }
}
