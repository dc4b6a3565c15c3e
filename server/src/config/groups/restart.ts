import { defineGroup } from "../setting.ts";
import { duration, text } from "../values.ts";

/** What a restart costs. */
export const restart = defineGroup({
  title: "Restart",
  settings: {
    drain: {
      value: duration,
      flag: "--drain <time>",
      env: "PRICE_STREAM_DRAIN",
      fallback: "15s",
      meaning: "after SIGTERM clients are sent away spread over so long; it is all over 8s later",
    },
    stateFile: {
      value: text.optional(),
      flag: "--state-file <path>",
      env: "PRICE_STREAM_STATE_FILE",
      meaning: "keeps prices and positions here over a restart, so that clients resume",
    },
  },
});
