import { V1 } from "@cryptovault/price-stream/protocol/v1";
import { NO_SUBPROTOCOL } from "../seen.ts";
import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { ending, mendEnding } from "./endings.ts";
import { readHandshake } from "./handshake.ts";

/** Whether the contract works that the SDK speaks. */
export const v1: Check = {
  name: "v1",
  needs: ["handshake"],
  diagnose({ v1, plain, target, timing }) {
    if (!v1 || !plain) return NOT_LOOKED;
    const { handshake, hello, snapshot, complaint, end, prices, watchedMs } = v1;
    if (handshake.kind === "failed" && handshake.code === NO_SUBPROTOCOL) {
      return plain.protocols.includes(V1)
        ? fail(
            `the gateway knows ${V1}, but chose no subprotocol: it was not asked`,
            "Have the proxy pass the header Sec-WebSocket-Protocol on, both ways: it takes it off.",
          )
        : fail(
            `the gateway chose no subprotocol: it does not know ${V1}`,
            "Update the gateway: it is older than the client, which falls back to the plain contract.",
          );
    }
    const trouble = readHandshake(handshake, target);
    if (trouble) return fail(`with ${V1}: ${trouble.seen}`, trouble.mend);
    if (complaint && end) {
      return fail(`turned away: ${complaint.message} ${ending(end)}`, mendEnding(v1));
    }
    if (end) return fail(`${count(v1.messages, "message")}, then ${ending(end)}`, mendEnding(v1));
    if (!hello) return fail(`101, then no hello within ${duration(watchedMs)}`, MEND_V1);
    if (!snapshot) {
      return fail(
        `a hello, but no answer to the subscription within ${duration(watchedMs)}`,
        MEND_V1,
      );
    }
    const got = `${count(snapshot.assets, "asset")} after ${duration(snapshot.ms)}`;
    const isMoving = [...plain.assets.values()].some(({ changes }) => changes > 0);
    const silentMs = watchedMs - (prices.lastMs ?? snapshot.ms);
    if (isMoving && silentMs > timing.gapMs) {
      return fail(
        `${got}, ${count(prices.updates, "update")}, and none for ${duration(silentMs)}, while the plain contract goes on`,
        MEND_V1,
      );
    }
    return pass(`${got}, then ${count(prices.updates, "update")} of what changed`);
  },
};

const MEND_V1 = `Restart the gateway, or update it: it speaks the plain contract, but ${V1} does not work.`;
