import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass, skip } from "./check.ts";
import { dataAge, MEND_UPSTREAM, oldFrom, upstream } from "./health-body.ts";

/** Of fewer assets than these none may change for a while, though all is well. */
const FEW = 10;
/** One in so many has to change: the others may be of little interest. */
const SHARE = 10;
/**
 * Data younger than this part of what a fresh price may be tell of no dead exchange: whoever gives prices long to
 * grow old has a quiet market.
 */
const YOUNG = 1 / 8;

/** Whether a market stands behind the updates. */
export const moving: Check = {
  name: "moving",
  needs: ["fresh", "steady"],
  diagnose(seen) {
    const { plain, health, healthAfter, timing } = seen;
    if (!plain) return NOT_LOOKED;
    const firstMs = plain.prices.firstMs ?? 0;
    const lastMs = plain.prices.lastMs ?? 0;
    const assets = [...plain.assets.values()].filter(({ stale }) => !stale);
    const changedMs = assets
      .map((asset) => asset.changedMs ?? firstMs)
      .toSorted((one, other) => other - one);
    const sinceMs = changedMs[Math.ceil(assets.length / SHARE) - 1] ?? firstMs;
    const stillMs = lastMs - sinceMs;
    const all = count(assets.length, "price");
    const isFew = assets.length < FEW;
    const oldMs = oldFrom(seen);

    if (stillMs >= (isFew ? oldMs : timing.frozenMs)) {
      const moved = changedMs.filter((ms) => ms > sinceMs).length;
      const of = moved === 0 ? `not one of ${all}` : `only ${moved} of ${all}`;
      const frozen = `updates go on, and ${of} changed for ${duration(stillMs)}`;
      const ageMs = dataAge(seen);
      // Data that came before all stood still are no news.
      if (ageMs === undefined || ageMs > stillMs / 2) {
        const told = `${frozen}${upstream(healthAfter ?? health)}`;
        return (ageMs ?? stillMs) >= Math.max(timing.frozenMs, oldMs * YOUNG)
          ? fail(told, MEND_UPSTREAM)
          : pass(told, MEND_QUIET);
      }
      const fed = `${frozen}, though data came from the exchanges ${duration(ageMs)} ago`;
      return moved === 0 && !isFew && stillMs >= oldMs
        ? fail(fed, MEND_REPEATS)
        : pass(fed, MEND_QUIET);
    }
    const moved = assets.filter(({ changes }) => changes > 0).length;
    const spanMs = lastMs - firstMs;
    return moved > 0
      ? pass(`${moved} of ${all} changed in ${duration(spanMs)}`)
      : skip(`none of ${all} changed in ${duration(spanMs)}: watch for longer with --for`);
  },
};

const MEND_REPEATS =
  "Hold the prices against an exchange's own page, and add another with --sources: the one that speaks sends the same again and again.";
const MEND_QUIET =
  "Hold some prices against an exchange's own page, and look for longer, as with --for 90s: a market at rest and an exchange that repeats itself look alike.";
