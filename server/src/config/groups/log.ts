import { z } from "zod";
import { defineGroup } from "../setting.ts";

/** What is logged. */
export const log = defineGroup({
  title: "Log",
  settings: {
    logLevel: {
      value: z.enum(["debug", "info", "warn", "error", "silent"], {
        error: "must be debug, info, warn, error or silent",
      }),
      flag: "--log-level <level>",
      env: "LOG_LEVEL",
      fallback: "info",
      meaning: "debug, info, warn, error or silent",
    },
  },
});
