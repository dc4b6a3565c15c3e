import { z } from "zod";
import { policyNames } from "../../feed/price/policies.ts";
import { defaultTiming } from "../../feed/timing.ts";
import { defineGroup } from "../setting.ts";
import { duration, whole } from "../values.ts";

const seconds = (ms: number) => `${ms / 1000}s`;

/** How one price is made of many, and when it is old. */
export const prices = defineGroup({
  title: "Prices",
  settings: {
    staleAfter: {
      value: duration,
      flag: "--stale-after <time>",
      env: "PRICE_STREAM_STALE_AFTER",
      fallback: seconds(defaultTiming.staleAfterMs),
      meaning: "age from which a price is stale",
    },
    failoverAfter: {
      value: duration,
      flag: "--failover-after <time>",
      env: "PRICE_STREAM_FAILOVER_AFTER",
      fallback: seconds(defaultTiming.failoverAfterMs),
      meaning: "silence after which an exchange loses its assets to the next",
    },
    hold: {
      value: duration,
      flag: "--hold <time>",
      env: "PRICE_STREAM_HOLD",
      fallback: seconds(defaultTiming.holdMs),
      meaning: "how long an exchange must be back before it speaks again",
    },
    policy: {
      value: z.enum(policyNames, { error: `must be ${policyNames.join(" or ")}` }),
      flag: "--policy <name>",
      env: "PRICE_STREAM_POLICY",
      fallback: "priority",
      meaning:
        "one price of many: priority (the first exchange that is well) or median (of all fresh ones; outliers are left out)",
    },
    minSources: {
      value: whole(1, 100),
      flag: "--min-sources <number>",
      env: "PRICE_STREAM_MIN_SOURCES",
      fallback: "2",
      meaning: "fewer exchanges that agree make a median thin, and it says so",
    },
  },
});
