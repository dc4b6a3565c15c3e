import { isTerminalClose } from "@cryptovault/price-stream/protocol";
import { NO_SUBPROTOCOL } from "../seen.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { ending } from "./endings.ts";
import { readHandshake } from "./handshake.ts";

/** Whether pages of the page's origin may connect. */
export const origin: Check = {
  name: "origin",
  needs: ["handshake"],
  diagnose({ page, origin, target }) {
    if (page === undefined) return skip("no page was named with --page");
    if (!origin) return NOT_LOOKED;
    const { complaint, end } = origin;
    const { handshake } = origin;
    // An old gateway lets the origin in, and does not know the subprotocol: that is another check.
    const isOld = handshake.kind === "failed" && handshake.code === NO_SUBPROTOCOL;
    const trouble = readHandshake(handshake, target);
    if (trouble && !isOld) {
      return fail(
        `pages of ${origin.origin} get no connection: ${trouble.seen}`,
        "Allow this origin at the proxy in front of the gateway: without an Origin the same request is answered.",
      );
    }
    if (complaint?.code === "origin_not_allowed") {
      return fail(
        `pages of ${origin.origin} are turned away: ${complaint.code}`,
        `Add this origin to those that the gateway allows: --origins ${origin.origin}`,
      );
    }
    if (end && isTerminalClose(end.code)) {
      return fail(
        `pages of ${origin.origin} are turned away: ${ending(end)}`,
        complaint?.hint ?? "Add this origin to those that the gateway allows, with --origins.",
      );
    }
    return pass(`${origin.origin} is let in`);
  },
};
