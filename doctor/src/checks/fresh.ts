import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { MEND_UPSTREAM, upstream } from "./health-body.ts";

/** Whether the prices are of now. */
export const fresh: Check = {
  name: "fresh",
  needs: ["prices"],
  diagnose({ plain, health, timing }) {
    if (!plain) return NOT_LOOKED;
    const { assets, status } = plain;
    const old = [...assets.values()].filter(({ stale }) => stale).length;
    const ageMs = status?.ageMs ?? null;
    const newest = ageMs === null ? "" : `, the newest received ${duration(ageMs)} ago`;
    if (old === assets.size) {
      return fail(
        `all of ${count(old, "price")} are old${newest}${upstream(health)}`,
        MEND_UPSTREAM,
      );
    }
    if (ageMs !== null && ageMs > timing.oldMs) {
      return fail(
        `${count(assets.size - old, "price")} sent as fresh${newest}${upstream(health)}`,
        MEND_UPSTREAM,
      );
    }
    const seen = `${assets.size - old} of ${count(assets.size, "price")} fresh${newest}`;
    return pass(seen, old > assets.size / 2 ? MEND_UPSTREAM : null);
  },
};
