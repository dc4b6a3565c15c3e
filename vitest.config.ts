import { defineConfig } from "vitest/config";

const live = process.env.PRICE_STREAM_TEST_LIVE === "1";

export default defineConfig({
  test: {
    include: live ? ["*/test/**/*.live.test.ts"] : ["*/test/**/*.test.{ts,tsx}"],
    exclude: live ? [] : ["**/*.live.test.ts", "**/node_modules/**"],
    // Tests on real sockets judge by real time: beside each other they would starve on two cores.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
