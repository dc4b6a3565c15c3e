import { count, duration } from "../words.ts";
import { by, readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { aged } from "./contracts.ts";
import { hasMovedSince } from "./moved.ts";

const MEND_BUFFER =
  "Switch buffering and compression off in the proxy for /sse/ (nginx: proxy_buffering off, and no proxy_ignore_headers X-Accel-Buffering).";

/** Whether server-sent events come as they are sent. */
export const sse: Check = {
  name: "sse",
  needs: ["http"],
  diagnose({ sse, plain, target, timing }, failed) {
    if (!sse) return NOT_LOOKED;
    if (failed.has("hello")) return skip("no message comes over a WebSocket, either");
    if (!sse.ok && sse.code === "TIMEOUT") {
      return fail(
        `/sse/prices brings no answer within ${duration(sse.ms)}: held back on the way`,
        MEND_BUFFER,
      );
    }
    if (!sse.ok) {
      return fail(
        `/sse/prices ends the connection without an answer (${sse.code}: ${sse.message})`,
        "Look at the log of the proxy in front of the gateway: it drops the stream of events.",
      );
    }
    const type = sse.headers["content-type"] ?? "";
    if (sse.status !== 200 || !type.startsWith("text/event-stream")) {
      const { seen, mend } = readAnswer(sse, "/sse/prices", target);
      return fail(seen, mend);
    }
    const { firstMs, events, heldMs, endedMs } = sse;
    if (firstMs === null) {
      return fail(
        `/sse/prices answers 200${by(sse)}, then no event within ${duration(endedMs ?? timing.helloMs)}: held back on the way`,
        MEND_BUFFER,
      );
    }
    if (heldMs > timing.heldMs) {
      return fail(
        `events come in bursts${by(sse)}, up to ${duration(heldMs)} later than they were sent`,
        MEND_BUFFER,
      );
    }
    if (endedMs !== null) {
      return fail(
        `the stream ended after ${duration(endedMs)} and ${count(events, "event")}`,
        "Raise the time for which the proxy or platform lets an answer go on: a stream of events has no end.",
      );
    }
    const silentMs = sse.watchedMs - (sse.lastMs ?? 0);
    const theirs = [...sse.assets.keys()].flatMap((id) => plain?.assets.get(id) ?? []);
    const isDue =
      !sse.isSubscribed ||
      silentMs > (sse.heartbeatMs ?? Number.POSITIVE_INFINITY) + timing.lateMs ||
      hasMovedSince(theirs, sse.lastMs ?? 0, timing);
    const goesOn = !failed.has("prices") && !failed.has("steady");
    if (silentMs > timing.gapMs && isDue && goesOn) {
      return fail(
        `${count(events, "event")}${by(sse)}, and none for ${duration(silentMs)}, while WebSocket goes on: held back on the way`,
        MEND_BUFFER,
      );
    }
    const old = plain && aged(plain.assets, sse.assets);
    if (old !== undefined && goesOn) {
      return fail(
        `${old} that are fresh over WebSocket are old here`,
        "Restart the gateway, and look at what stands between: its events tell another state than its WebSockets.",
      );
    }
    return pass(
      `the first event comes after ${duration(firstMs)}, then ${count(events - 1, "more", "more")}`,
    );
  },
};
