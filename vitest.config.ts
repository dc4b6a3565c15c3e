import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const live = process.env.TEST_LIVE === "1";
const browser = ["*/test/**/*.browser.test.ts", "{client,doctor}/test/package.test.ts"];

const common = {
  // Most tests wait more than they work, but judge by real time: more than two would starve two cores.
  maxWorkers: 2,
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
              include: ["*/test/**/*.test.{ts,tsx}"],
              exclude: [...browser, "**/*.live.test.ts", "**/node_modules/**"],
              sequence: { groupOrder: 0 },
            },
          },
          {
            // Afterwards: browsers and bundlers take whole cores, which others need to be in time.
            test: { ...common, name: "browser", include: browser, sequence: { groupOrder: 1 } },
          },
        ],
      },
});
