import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { MEND_UPSTREAM, upstream } from "./health-body.ts";

/** Whether a market stands behind the updates. */
export const moving: Check = {
  name: "moving",
  needs: ["fresh", "steady"],
  diagnose({ plain, health, timing }) {
    if (!plain) return NOT_LOOKED;
    const { assets, prices, changedMs } = plain;
    const firstMs = prices.firstMs ?? 0;
    const lastMs = prices.lastMs ?? 0;
    const moved = [...assets.values()].filter(({ changes }) => changes > 0).length;
    const stillMs = lastMs - (changedMs ?? firstMs);
    const all = count(assets.size, "price");
    if (stillMs >= (assets.size < FEW ? timing.oldMs : timing.frozenMs)) {
      return fail(
        `updates go on, and not one of ${all} changed for ${duration(stillMs)}${upstream(health)}`,
        MEND_UPSTREAM,
      );
    }
    return moved > 0
      ? pass(`${moved} of ${all} changed in ${duration(lastMs - firstMs)}`)
      : skip(
          `none of ${all} changed in ${duration(lastMs - firstMs)}: watch for longer with --for`,
        );
  },
};

/** Of fewer assets than these none may change for a while, though all is well. */
const FEW = 10;
