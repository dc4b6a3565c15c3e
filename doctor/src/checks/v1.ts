import { V1 } from "@cryptovault/price-stream/protocol/v1";
import { NO_SUBPROTOCOL } from "../seen.ts";
import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { aged, apart, lacking, SHARE } from "./contracts.ts";
import { ending, mendEnding } from "./endings.ts";
import { readHandshake } from "./handshake.ts";
import { hasMovedSince } from "./moved.ts";
import { tooSlow } from "./slow.ts";
import { MEND_VALUES } from "./values.ts";

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
    const slow = tooSlow(v1, timing);
    if (slow) return slow;
    if (v1.unreadable > 0) {
      return fail(
        `${count(v1.unreadable, "update")} of ${count(v1.messages, "message")} can't be read by a client`,
        MEND_VALUES,
      );
    }
    if (!hello) return fail(`101, then no hello within ${duration(watchedMs)}`, MEND_V1);
    if (!snapshot) {
      return fail(
        `a hello, but no answer to the subscription within ${duration(watchedMs)}`,
        MEND_V1,
      );
    }
    const got = `${count(snapshot.assets, "asset")} after ${duration(snapshot.ms)}`;
    const missing = lacking(plain.assets, v1.assets);
    if (missing !== undefined) {
      return fail(
        `${got}, without ${missing}, of ${plain.assets.size} of the plain contract`,
        MEND_V1,
      );
    }
    const lastMs = prices.lastMs ?? snapshot.ms;
    const silentMs = watchedMs - lastMs;
    if (silentMs > timing.gapMs && hasMovedSince(plain.assets.values(), lastMs, timing)) {
      return fail(
        `${got}, ${count(prices.updates, "update")}, and none for ${duration(silentMs)}, while the plain contract goes on`,
        MEND_V1,
      );
    }
    const [fromMs, toMs] = [snapshot.ms + timing.dueMs, watchedMs - timing.dueMs];
    const isWithin = (ms: number | null) => ms !== null && ms > fromMs && ms < toMs;
    // What moved at the beginning alone is in the snapshot; at the end, still under way.
    const moved = [...plain.assets.values()].filter(
      ({ changes, changedMs, changedBeforeMs }) =>
        changes > 2 || isWithin(changedMs) || isWithin(changedBeforeMs),
    ).length;
    const old = aged(plain.assets, v1.assets);
    if (old !== undefined) {
      return fail(`${got}; ${old} that are fresh in the plain contract are old here`, MEND_V1);
    }
    const far = apart(plain.assets, v1.assets);
    if (far !== undefined) {
      return fail(
        `${got}, most of them far from those of the plain contract: ${far} (plain and v1)`,
        "Hold both against an exchange's own page, then update the gateway, or look at what changes its messages on the way: one of its two contracts tells wrong prices.",
      );
    }
    if (v1.moved < moved / SHARE) {
      return fail(
        `${got}, of which ${v1.moved} changed, and ${moved} of the plain contract`,
        MEND_V1,
      );
    }
    return pass(`${got}, then ${count(prices.updates, "update")} of what changed`);
  },
};

const MEND_V1 = `Restart the gateway, or update it: it speaks the plain contract, but ${V1} does not work.`;
