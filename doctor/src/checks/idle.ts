import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { ending, mendEnding } from "./endings.ts";
import { readHandshake } from "./handshake.ts";

/** Whether a line stands on which little comes. */
export const idle: Check = {
  name: "idle",
  needs: ["v1"],
  diagnose({ idle, plain, target, timing }) {
    if (!idle || !plain) return NOT_LOOKED;
    const { end, watchedMs, heartbeatMs, heartbeats } = idle;
    const trouble = readHandshake(idle.handshake, target);
    if (trouble) {
      return fail(`one more line beside those with prices: ${trouble.seen}`, trouble.mend);
    }
    if (end && plain.end) return skip(`a line with prices was cut, too: ${ending(plain.end)}`);
    if (end) {
      const isCut = end.code === 1006 && !end.isGarbled;
      return fail(
        `a line on which only heartbeats come was ${ending(end)}, while others stood`,
        isCut
          ? "Raise the idle timeout of the proxy to 60 s or more (nginx: proxy_read_timeout): a heartbeat comes every 25 s, and it cuts before."
          : mendEnding(idle),
      );
    }
    if (heartbeats > 0) {
      return pass(
        `a quiet line stood for ${duration(watchedMs)}, with ${count(heartbeats, "heartbeat")}`,
      );
    }
    if (watchedMs < heartbeatMs + timing.lateMs) {
      return skip(
        `a quiet line stood for ${duration(watchedMs)}; the first heartbeat is due within ${duration(heartbeatMs)}: --for 60s sees it`,
      );
    }
    return fail(
      `no heartbeat within ${duration(watchedMs)}; one is due every ${duration(heartbeatMs)}`,
      "Restart the gateway: clients that wait for a heartbeat give the line up.",
    );
  },
};
