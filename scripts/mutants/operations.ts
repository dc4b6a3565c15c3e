import type { Mutant } from "./mutant.ts";

/** Restarts and alerts. */
export const operations: readonly Mutant[] = [
  {
    name: "an alert for a state that no probe has",
    file: "deploy/prometheus/alerts.yml",
    find: 'price_stream_probe_verdict{verdict="fail"}',
    replace: 'price_stream_probe_verdict{verdict="failed"}',
    test: [
      "server/test/monitoring.test.ts",
      "PriceStreamProbeFails asks only of what a gateway has",
    ],
  },
  {
    name: "a state taken by two",
    file: "server/src/cli/state.ts",
    find: "await rename(path, claimed);",
    replace: 'await (await import("node:fs/promises")).copyFile(path, claimed);',
    test: ["server/test/state.test.ts", "goes to exactly one of many that start at once"],
  },
];
