import type { Seen } from "../seen.ts";
import { duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { oldFrom } from "./health-body.ts";

/** Clocks that are set by the network are within a second of each other, ms. */
const WARN_MS = 10_000;

const MEND_CLOCKS =
  "Compare the clocks of the gateway's machine and of this one with a third, and set right the one that is wrong (NTP).";

/** Whether the times in the updates are of now. */
export const clock: Check = {
  name: "clock",
  needs: ["prices"],
  diagnose(seen) {
    const { plain, v1 } = seen;
    if (!plain) return NOT_LOOKED;
    if (plain.label === "replay") return skip("a recording has a clock of its own");
    if (!plain.lag) return skip("the updates tell no time");
    const { leastMs } = plain.lag;
    const isNear = Math.abs(leastMs) <= oldFrom(seen);
    const otherMs = v1?.lag?.leastMs ?? leastMs;
    if (isNear && Math.abs(otherMs - leastMs) > oldFrom(seen)) {
      return fail(
        `updates of v1 are dated ${apart(otherMs)} this machine's clock, those of the plain contract ${apart(leastMs)} it`,
        "Restart the gateway, and look at what stands between: its two contracts tell different times.",
      );
    }
    const dated = `updates are dated ${apart(leastMs)} this machine's clock`;
    if (isNear) return pass(dated, Math.abs(leastMs) > WARN_MS ? MEND_CLOCKS : null);
    const { statusLagMs } = plain;
    // An answer can't be older than its question.
    if (statusLagMs !== null && Math.abs(statusLagMs) <= oldFrom(seen)) {
      return fail(
        `${dated}, and the answer to get_status is not`,
        "Restart the gateway, and look at what stands between: it sends updates again that are long over.",
      );
    }
    const httpMs = httpLag(seen);
    if (httpMs !== undefined && Math.abs(httpMs) <= oldFrom(seen)) {
      return fail(
        `${dated}, with which the Date of /livez agrees`,
        "Set the clock of the gateway's machine right (NTP); if it is right, look for what holds the line back on the way.",
      );
    }
    return pass(dated, MEND_CLOCKS);
  },
};

const apart = (lagMs: number): string =>
  `${duration(Math.abs(lagMs))} ${lagMs < 0 ? "after" : "before"}`;

/** How long before the doctor's clock that of who answers HTTP is, ms. */
function httpLag({ live, liveAt }: Seen): number | undefined {
  if (!live?.ok || liveAt === undefined) return undefined;
  const date = Date.parse(live.headers.date ?? "");
  return Number.isNaN(date) ? undefined : liveAt - date;
}
