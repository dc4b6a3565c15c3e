import { type Check, NOT_LOOKED, pass } from "./check.ts";

/** Whether the prices are the market's. */
export const label: Check = {
  name: "label",
  needs: ["hello"],
  diagnose({ plain }) {
    switch (plain?.label) {
      case undefined:
        return NOT_LOOKED;
      case "live":
        return pass("live market");
      case "demo":
        return pass(
          "DEMO: these prices are made up by the exchange emulator",
          "Run the gateway with `serve` in place of `demo` where people are to see the market.",
        );
      case "replay":
        return pass(
          "REPLAY: these prices are of a recording, not of now",
          "Run the gateway without --replay where people are to see the market.",
        );
    }
  },
};
