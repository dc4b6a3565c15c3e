import { z } from "zod";
import { defineGroup } from "../setting.ts";
import { speed, text } from "../values.ts";

/** Recorded traffic in place of the exchanges. */
export const replay = defineGroup({
  title: "Replay",
  settings: {
    replay: {
      value: text.optional(),
      flag: "--replay <file>",
      meaning: "play recorded traffic instead of the live exchanges",
    },
    speed: {
      value: speed,
      flag: "--speed <factor>",
      fallback: "1",
      meaning: "pace of a replay: 2 is twice as fast, max as fast as can be",
    },
    loop: {
      value: z.boolean(),
      flag: "--loop",
      fallback: false,
      meaning: "begin a replay again at its end",
    },
  },
  conflicts: ({ howMany }) => [
    howMany("replay") === 0 &&
      howMany("speed", "loop") > 0 &&
      "--speed and --loop go with --replay FILE.",
    howMany("replay", "record") === 2 && "--record and --replay exclude each other.",
    howMany("replay", "stateFile") === 2 &&
      "--state-file and --replay exclude each other: a replay has its own time.",
  ],
});
