import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { ending, mendEnding } from "./endings.ts";
import { MEND_UPSTREAM, upstream } from "./health-body.ts";

/** So much more seldom, or later, than they are due is worth a warning. */
const SELDOM = 2;

const MEND_BURSTS =
  "Switch buffering off in what stands between here and the gateway, for /ws/ too: it gathers updates and sends them together.";

/** Whether updates go on once they have begun. */
export const steady: Check = {
  name: "steady",
  needs: ["prices"],
  diagnose({ plain, health, timing }) {
    if (!plain) return NOT_LOOKED;
    const { prices, end, status, watchedMs, lastMs } = plain;
    const { updates, gapMs } = prices;
    const lastUpdateMs = prices.lastMs ?? 0;
    const came = count(updates, "update");
    if (end) return fail(`${came}, then ${ending(end)}`, mendEnding(plain));
    const silentMs = watchedMs - lastUpdateMs;
    if (silentMs > timing.gapMs) {
      const stopped = `${came}, and none for ${duration(silentMs)} since ${duration(lastUpdateMs)} after the start`;
      if (status?.state === "stale") {
        return fail(`${stopped}: no price is fresh${upstream(health)}`, MEND_UPSTREAM);
      }
      return (lastMs ?? 0) > lastUpdateMs
        ? fail(
            `${stopped}, while other messages go on`,
            "Restart the gateway: its broadcast loop has stopped, while the connection and the process live.",
          )
        : fail(
            `${stopped}, nor anything else`,
            "Look at what lies between here and the gateway, then restart the gateway: the line is dead, and neither end says so.",
          );
    }
    if (gapMs > timing.gapMs) {
      return fail(
        `${came} in ${duration(watchedMs)}, up to ${duration(gapMs)} apart; one is due each second`,
        "Look at the load of the gateway's machine and at the proxy: something holds updates up.",
      );
    }
    const heldMs = plain.lag?.heldMs ?? 0;
    const inBursts = `${came} in ${duration(watchedMs)}, in bursts: up to ${duration(heldMs)} later than they were sent`;
    if (heldMs > timing.heldMs) return fail(inBursts, MEND_BURSTS);
    if (heldMs > SELDOM * timing.dueMs) return pass(inBursts, MEND_BURSTS);
    const seen = `${came} in ${duration(watchedMs)}, at most ${duration(gapMs)} apart`;
    const meanMs = (lastUpdateMs - (prices.firstMs ?? 0)) / Math.max(1, updates - 1);
    return meanMs > SELDOM * timing.dueMs
      ? pass(
          `${seen}, one in ${duration(meanMs)} on average; one is due each second`,
          "Look at the load of the gateway's machine and at the proxy: half of the updates do not come.",
        )
      : pass(seen);
  },
};
