import { count, duration } from "../words.ts";
import { by, json, readAnswer } from "./answers.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { closed } from "./closed.ts";
import { type Health, MEND_DRAINING, MEND_OLD, MEND_UPSTREAM, readHealth } from "./health-body.ts";

/** An answer that is so much older than the gateway's was kept somewhere, ms. */
const CACHED_MS = 5000;

/** What the gateway says of itself. */
export const health: Check = {
  name: "health",
  needs: ["http"],
  diagnose({ health, healthAfter, healthMs = 0, target, plain, v1 }) {
    if (!health) return NOT_LOOKED;
    if (!health.ok) {
      return fail(
        `/health brings no answer (${health.code}, ${duration(health.ms)})`,
        "Restart the gateway: it answers now and then only.",
      );
    }
    if (health.status === 404) return skip("there is no /health here (404)");
    const shut = closed(health, "/health", { plain, v1 });
    if (shut) return shut;
    const body = readHealth(health);
    if (!body) {
      if (health.status === 200 && json(health.body) !== undefined) {
        return skip("/health tells nothing that this doctor understands");
      }
      const { seen, mend } = readAnswer(health, "/health", target);
      return fail(seen, mend);
    }
    const grownS = (readHealth(healthAfter)?.uptimeS ?? Number.NaN) - body.uptimeS;
    if (grownS >= 0 && healthMs - grownS * 1000 > CACHED_MS) {
      return fail(
        `/health says after ${duration(healthMs)} that it is up for ${duration(grownS * 1000)} longer${by(health)}`,
        "Have what stands before the gateway keep no answers of /health: a cache sends old ones again, and whoever goes by them sees no outage.",
      );
    }
    const { status, reasons, book, hub, uptimeS, probe } = body;
    const why = reasons.join("; ");
    if (status === "down") {
      const isDeaf = probe.verdict === "fail";
      return fail(
        `down (${health.status}): ${why}`,
        isDeaf
          ? "Mend what the self-probe names, else restart the gateway: what its clients should get does not reach even itself."
          : MEND_UPSTREAM,
      );
    }
    if (health.status !== 200) {
      return fail(
        `/health answers ${health.status}${by(health)}, and says ${status}`,
        "Look at what stands in front of the gateway: it changes the answer, and whoever goes by it takes the gateway for dead.",
      );
    }
    if (book.assets > 0 && book.fresh === 0) {
      return fail(`${status}, with none of ${count(book.assets, "price")} fresh`, MEND_UPSTREAM);
    }
    const newest = book.newestAgeMs === null ? "" : `, newest ${duration(book.newestAgeMs)} old`;
    const seen = [
      `${book.fresh} of ${count(book.assets, "price")} fresh${newest}`,
      count(hub.clients, "client"),
      `up ${duration(uptimeS * 1000)}`,
      `self-probe: ${probe.seen}`,
    ].join("; ");
    return status === "ok" ? pass(`ok; ${seen}`) : pass(`degraded: ${why}; ${seen}`, mendOf(body));
  },
};

function mendOf({ reasons, book }: Health): string {
  if (reasons.some((reason) => reason.startsWith("draining"))) return MEND_DRAINING;
  return book.fresh < book.assets / 2
    ? MEND_OLD
    : "Clients get prices from the exchanges that are well; mend the others when there is time.";
}
