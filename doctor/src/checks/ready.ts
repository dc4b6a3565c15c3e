import { z } from "zod";
import { duration } from "../words.ts";
import { json, readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { closed } from "./closed.ts";
import { MEND_DRAINING, MEND_UPSTREAM, readHealth, upstream } from "./health-body.ts";

/** Whether the gateway wants clients. */
export const ready: Check = {
  name: "ready",
  needs: ["http"],
  diagnose({ ready, health, target, plain, v1 }) {
    if (!ready) return NOT_LOOKED;
    if (!ready.ok) {
      return fail(
        `/readyz brings no answer (${ready.code}, ${duration(ready.ms)})`,
        "Restart the gateway: it answers now and then only.",
      );
    }
    if (ready.status === 200) return pass("/readyz answers 200");
    if (ready.status === 404) return skip("there is no /readyz here (404)");
    const shut = closed(ready, "/readyz", { plain, v1 });
    if (shut) return shut;
    const refusal = Refusal.safeParse(json(ready.body));
    if (ready.status === 503 && refusal.success) {
      const { book, probe } = readHealth(health) ?? {};
      const why = `not ready (503): ${refusal.data.reason}`;
      if (book?.assets === 0) return fail(`${why}${upstream(health)}`, MEND_UPSTREAM);
      return probe?.verdict === "fail"
        ? fail(why, "Restart the gateway: its stream is dead, while the process lives.")
        : fail(why, MEND_DRAINING);
    }
    const { seen, mend } = readAnswer(ready, "/readyz", target);
    return fail(seen, mend);
  },
};

const Refusal = z.object({
  status: z.literal("not ready"),
  reason: z.string().default("the gateway does not say why"),
});
