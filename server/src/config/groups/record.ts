import { defineGroup } from "../setting.ts";
import { duration, size, text } from "../values.ts";

/** Traffic of the exchanges, written to a file. */
export const record = defineGroup({
  title: "Recording",
  settings: {
    record: {
      value: text.optional(),
      flag: "--record <file>",
      meaning: "record the live exchanges while serving them",
    },
    for: {
      value: duration.optional(),
      flag: "--for <time>",
      meaning: "end the recording after so long",
    },
    maxSize: {
      value: size.optional(),
      flag: "--max-size <size>",
      meaning: "end the recording at about this size: 500MB",
    },
  },
  conflicts: ({ howMany }) => [
    howMany("record") === 0 &&
      howMany("for", "maxSize") > 0 &&
      "--for and --max-size go with --record FILE.",
  ],
});
