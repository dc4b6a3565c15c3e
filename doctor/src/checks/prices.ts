import { count, duration } from "../words.ts";
import { type Check, fail, NOT_LOOKED, pass } from "./check.ts";
import { lacking } from "./contracts.ts";
import { ending, mendEnding } from "./endings.ts";
import { MEND_UPSTREAM, upstream } from "./health-body.ts";
import { MEND_VALUES, noPrices } from "./values.ts";

const MEND_BROADCAST =
  "Restart the gateway: it greets clients and has prices, but its broadcast loop does not run.";
const MEND_CONTRACTS =
  "Update the gateway, or look at what changes its messages on the way: pages without a subprotocol get fewer prices than it has.";

/** Whether prices come to who has connected. */
export const prices: Check = {
  name: "prices",
  needs: ["hello"],
  diagnose({ plain, v1, health }) {
    if (!plain) return NOT_LOOKED;
    const { prices, end, status, assets, source, watchedMs, unreadable } = plain;
    const none = noPrices(plain);
    if (none !== undefined) return fail(none, MEND_VALUES);
    if (unreadable !== null) {
      return fail(`updates come that can't be read: ${unreadable}`, MEND_VALUES);
    }
    if (prices.firstMs !== null && assets.size > 0) {
      const who = source ? `, most by ${source}` : "";
      const what = count(assets.size, "asset");
      const fresh = [...(v1?.assets ?? [])].filter(([, { stale }]) => !stale);
      const lack = lacking(new Map(fresh), assets);
      if (lack !== undefined) {
        return fail(`${what}${who}, without ${lack} that v1 has, and has as fresh`, MEND_CONTRACTS);
      }
      return pass(`the first prices come after ${duration(prices.firstMs)}: ${what}${who}`);
    }
    if (end) return fail(`a hello, then ${ending(end)} before a price`, mendEnding(plain));
    const came =
      prices.updates > 0 ? `${count(prices.updates, "update")} without a price` : "no price";
    const waited = `a hello, then ${came} within ${duration(watchedMs)}`;
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
      prices.updates > 0 ? MEND_CONTRACTS : MEND_BROADCAST,
    );
  },
};
