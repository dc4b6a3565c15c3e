import { defineConfig } from "vitest/config";

const live = process.env.PRICE_STREAM_TEST_LIVE === "1";

export default defineConfig({
  test: {
    include: live ? ["*/test/**/*.live.test.ts"] : ["*/test/**/*.test.{ts,tsx}"],
    exclude: live ? [] : ["**/*.live.test.ts", "**/node_modules/**"],
    // Most tests wait more than they work, but judge by real time: more than two would starve two cores.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
