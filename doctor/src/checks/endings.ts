import type { LineSeen } from "../seen.ts";
import { duration } from "../words.ts";

/** How a line ended that was to stay: `closed with 1006 after 3 s`. */
export const ending = ({ ms, code, reason }: NonNullable<LineSeen["end"]>): string =>
  `closed with ${code} after ${duration(ms)}${reason ? ` (${reason})` : ""}`;

/** What to do about it; docs/protocol.md lists the codes. */
export function mendEnding({ end, complaint }: LineSeen): string {
  if (complaint?.code === "token_missing") {
    return "Give the doctor a key or token with --token, and the pages one, too: this gateway is not for everybody.";
  }
  if (complaint) return complaint.hint;
  switch (end?.code) {
    case 1001:
    case 1012:
      return "Wait until the gateway has restarted; if it goes on restarting, look at why in its log.";
    case 3008:
      return "Look at the network between here and the gateway: it is too slow for the prices, or a proxy holds them back.";
    case 1006:
      return "Raise the time for which the proxy or platform lets a WebSocket stand, and look for restarts of the gateway: the line was cut without a word.";
    default:
      return "Look at the gateway's log of that moment, and at the proxy's: one of them closes lines.";
  }
}
