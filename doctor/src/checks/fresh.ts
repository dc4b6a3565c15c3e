import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { MEND_OLD, MEND_UPSTREAM, oldFrom, upstream } from "./health-body.ts";

/** Whether the prices are of now. */
export const fresh: Check = {
  name: "fresh",
  needs: ["prices"],
  diagnose(seen) {
    const { plain, health } = seen;
    if (!plain) return NOT_LOOKED;
    const { assets, status } = plain;
    const fresh = [...assets.values()].filter(({ stale }) => !stale).length;
    // Of those that are old for long the updates say nothing; pages show them all the same.
    const all = Math.max(assets.size, status?.assets ?? 0);
    const old = all - fresh;
    const ageMs = status?.ageMs ?? null;
    const newest = ageMs === null ? "" : `, the newest received ${duration(ageMs)} ago`;
    if (old > all / 2) {
      const most =
        fresh === 0 ? `all of ${count(old, "price")}` : `${old} of ${count(all, "price")}`;
      return fail(
        `${most} are old${newest}${upstream(health)}`,
        fresh === 0 ? MEND_UPSTREAM : MEND_OLD,
      );
    }
    if (ageMs !== null && ageMs > oldFrom(seen)) {
      return fail(
        `${count(fresh, "price")} sent as fresh${newest}${upstream(health)}`,
        MEND_UPSTREAM,
      );
    }
    return pass(`${fresh} of ${count(all, "price")} fresh${newest}`);
  },
};
