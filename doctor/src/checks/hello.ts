import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { ending, mendEnding } from "./endings.ts";
import { tooSlow } from "./slow.ts";

/** Whether anything comes after the handshake. */
export const hello: Check = {
  name: "hello",
  needs: ["handshake"],
  diagnose({ plain, timing }) {
    if (!plain) return NOT_LOOKED;
    const { firstMs, messages, unread, complaint, end, watchedMs } = plain;
    if (complaint && end) {
      return fail(`turned away: ${complaint.message} ${ending(end)}`, mendEnding(plain));
    }
    if (firstMs === null) {
      return end
        ? fail(`101, then ${ending(end)} without a message`, mendEnding(plain))
        : fail(
            `101, then silence for ${duration(watchedMs)}`,
            "Restart the gateway; if it stays silent, look at the proxy: it takes the connection, and passes nothing on.",
          );
    }
    if (unread === messages) {
      return fail(
        `${count(messages, "message")}, not one of which is of a price stream`,
        "Check the path: another service answers at this WebSocket.",
      );
    }
    const slow = tooSlow(plain, timing);
    if (slow) return slow;
    return pass(`the first message comes after ${duration(firstMs)}`);
  },
};
