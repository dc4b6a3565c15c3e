import { type Check, fail, pass, skip } from "./check.ts";
import { readHealth } from "./health-body.ts";

/** Without these a client has no live prices. */
const STARVING = ["hello", "prices", "fresh", "steady", "moving"];

/** Whether /health says what clients get. */
export const truth: Check = {
  name: "truth",
  needs: ["handshake"],
  diagnose({ health, plain }, failed) {
    const body = readHealth(health);
    if (!body) return skip("there is no /health to hold against it");
    const starving = STARVING.filter((name) => failed.has(name));
    if (plain?.end) return skip("the line was closed, of which /health can know nothing");
    if (body.status === "down") return skip("/health says itself that the gateway is down");
    if (starving.length === 0) return pass(`/health says ${body.status}, and clients get prices`);
    const what = starving.every((name) => name === "moving")
      ? "clients get prices that stand still"
      : `clients starve: ${starving.join(", ")}`;
    return fail(
      `/health says ${body.status} (self-probe: ${body.probe.seen}), and ${what}`,
      "Don't go by /health in this: mend what is named above, and alert on what clients get, as this doctor does with --watch.",
    );
  },
};
