import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { MEND_UPSTREAM, upstream } from "./health-body.ts";

/** Whether a market stands behind the updates. */
export const moving: Check = {
  name: "moving",
  needs: ["fresh", "steady"],
  diagnose({ plain, health, timing }) {
    if (!plain) return NOT_LOOKED;
    const { assets, prices } = plain;
    const moved = [...assets.values()].filter(({ changes }) => changes > 0).length;
    const spanMs = (prices.lastMs ?? 0) - (prices.firstMs ?? 0);
    const of = `of ${count(assets.size, "price")} in ${duration(spanMs)}`;
    if (moved > 0) return pass(`${moved} ${of} changed`);
    if (spanMs < timing.frozenMs) return skip(`none ${of} changed: watch for longer with --for`);
    return fail(
      `${count(prices.updates, "update")}, and not one ${of} changed${upstream(health)}`,
      MEND_UPSTREAM,
    );
  },
};
