import { duration } from "../words.ts";
import { readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { MEND_UPSTREAM, readHealth, upstream } from "./health-body.ts";

/** Whether the gateway wants clients. */
export const ready: Check = {
  name: "ready",
  needs: ["http"],
  diagnose({ ready, health, target }) {
    if (!ready) return NOT_LOOKED;
    if (!ready.ok) {
      return fail(
        `/readyz brings no answer (${ready.code}, ${duration(ready.ms)})`,
        "Restart the gateway: it answers now and then only.",
      );
    }
    if (ready.status === 200) return pass("/readyz answers 200");
    if (ready.status === 404) return skip("there is no /readyz here (404)");
    const body = readHealth(health);
    if (ready.status === 503 && body) {
      if (body.book.assets === 0) {
        return fail(
          `not ready (503): no price since the start ${duration(body.uptimeS * 1000)} ago${upstream(health)}`,
          MEND_UPSTREAM,
        );
      }
      if (body.probe.verdict === "fail") {
        return fail(
          `not ready (503): as its own client it gets nothing (${body.probe.seen})`,
          "Restart the gateway: its stream is dead, while the process lives.",
        );
      }
      return fail(
        "not ready (503), though it has prices: it is about to stop",
        "Wait for the next process to take over; if none does, start the gateway.",
      );
    }
    const { seen, mend } = readAnswer(ready, "/readyz", target);
    return fail(seen, mend);
  },
};
