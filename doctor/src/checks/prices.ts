import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { ending, mendEnding } from "./endings.ts";
import { MEND_UPSTREAM, upstream } from "./health-body.ts";
import { MEND_VALUES, noPrices } from "./values.ts";

const MEND_BROADCAST =
  "Restart the gateway: it greets clients and has prices, but its broadcast loop does not run.";

/** Whether prices come to who has connected. */
export const prices: Check = {
  name: "prices",
  needs: ["hello"],
  diagnose({ plain, health }) {
    if (!plain) return NOT_LOOKED;
    const { prices, end, status, assets, source, watchedMs, unreadable } = plain;
    const none = noPrices([...assets].map(([id, { price }]) => [id, price]));
    if (none !== undefined) return fail(none, MEND_VALUES);
    if (unreadable !== null) {
      return fail(`updates come that can't be read: ${unreadable}`, MEND_VALUES);
    }
    if (prices.firstMs !== null) {
      const who = source ? `, most by ${source}` : "";
      const what = count(assets.size, "asset");
      return pass(`the first prices come after ${duration(prices.firstMs)}: ${what}${who}`);
    }
    if (end) return fail(`a hello, then ${ending(end)} before a price`, mendEnding(plain));
    const waited = `a hello, then no price within ${duration(watchedMs)}`;
    if (!status) {
      return fail(
        `${waited}, and no answer to get_status`,
        "Restart the gateway: it greets clients, and then neither sends nor reads.",
      );
    }
    const { state, isRunning, assets: cached } = status;
    if (state === "connecting" || state === "stale") {
      const why = state === "stale" ? "it has no fresh one" : "it has had none since its start";
      return fail(`${waited}: the gateway says that ${why}${upstream(health)}`, MEND_UPSTREAM);
    }
    return fail(
      `${waited}, though the gateway says it has ${cached} (state ${state}, is_running ${isRunning})`,
      MEND_BROADCAST,
    );
  },
};
