import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const live = process.env.TEST_LIVE === "1";
const browser = ["*/test/**/*.browser.test.ts", "{client,doctor}/test/package.test.ts"];

const common = {
  // A third of the CPU time went into loading the same files for each file of tests.
  isolate: false,
  testTimeout: 20_000,
  hookTimeout: 20_000,
  // Many tests start the command line, which is half done when Node finds its sources compiled.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node", import.meta.url)) },
};

export default defineConfig({
  test: live
    ? { ...common, include: ["*/test/**/*.live.test.ts"] }
    : {
        globalSetup: "scripts/temporary.ts",
        projects: [
          {
            test: {
              ...common,
              name: "node",
              // They wait more than they work, but judge by real time: more would starve two cores.
              maxWorkers: 3,
              include: ["*/test/**/*.test.{ts,tsx}"],
              exclude: [...browser, "**/*.live.test.ts", "**/node_modules/**"],
              sequence: { groupOrder: 0 },
            },
          },
          {
            // Afterwards: browsers and bundlers take whole cores, which others need to be in time.
            test: {
              ...common,
              name: "browser",
              maxWorkers: 2,
              include: browser,
              sequence: { groupOrder: 1 },
            },
          },
        ],
      },
});
