import { expect, it } from "vitest";
import { untilSignal } from "../src/cli/exit.ts";

it("closes after a drain that failed, and then fails itself", async () => {
  const said: string[] = [];
  const others = process.listenerCount("SIGTERM");
  const ended = untilSignal(async () => ({
    drain: { run: () => Promise.reject(new Error("no drain")), ms: 1000 },
    async close() {
      said.push("closed");
    },
  })).catch((error: Error) => said.push(error.message));
  process.listeners("SIGTERM").at(-1)?.("SIGTERM");
  await ended;
  expect(said).toEqual(["closed", "no drain"]);
  expect(process.listenerCount("SIGTERM")).toBe(others);
});
