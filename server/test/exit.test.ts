import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { type Running, untilSignal } from "../src/cli/exit.ts";
import { start } from "./support/cli.ts";
import { until } from "./support/client.ts";

afterEach(() => {
  vi.useRealTimers();
});

it("closes after a drain that failed, and then fails itself", async () => {
  vi.useFakeTimers();
  const said: string[] = [];
  const others = process.listenerCount("SIGTERM");
  const running = {
    drain: { run: () => Promise.reject(new Error("no drain")), ms: 1000 },
    async close() {
      said.push("closed");
    },
  };
  const ended = untilSignal(
    async () => running,
    (code) => said.push(`ended with ${code}`),
  ).catch((error: Error) => said.push(error.message));
  process.listeners("SIGTERM").at(-1)?.("SIGTERM");
  await ended;
  expect(said).toEqual(["closed", "no drain"]);
  expect(process.listenerCount("SIGTERM")).toBe(others);
  vi.advanceTimersByTime(1000);
  expect(said.at(-1)).toBe("ended with 1");
});

it.each([
  ["0 where nothing is lost by that", undefined, 0],
  ["1 where the state is not left", "The state was not left.", 1],
])("cuts a drain short after its time and 8 s, with %s", async (_what, lost, code) => {
  vi.useFakeTimers();
  const ends: [number, string][] = [];
  const hung = new Promise<void>(() => {});
  const running: Running = {
    drain: { run: () => hung, ms: 15_000 },
    close: () => hung,
    unsaved: () => lost,
  };
  untilSignal(
    async () => running,
    (...end) => ends.push(end),
  );
  const onSignal = process.listeners("SIGTERM").at(-1);
  onSignal?.("SIGTERM");
  await vi.advanceTimersByTimeAsync(22_999);
  expect(ends).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  const why = "Cut short, since it has not ended within 23 s.";
  expect(ends).toEqual([[code, lost ? `${why} ${lost}` : why]]);
  if (onSignal) process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
});

it.skipIf(process.platform === "win32")(
  "ends in time where the disk hangs, at once by a second SIGTERM, and says what is lost",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "exit-"));
    const fifo = join(folder, "fifo");
    execFileSync("sh", ["-c", `mkfifo ${fifo}`]);
    // Whoever opens a fifo to write waits for a reader: so does the thread that opens the draft of a state.
    const hang = `
      import { syncBuiltinESMExports } from "node:module";
      import files from "node:fs/promises";
      const { open } = files;
      files.open = (path, ...how) => open(/draft$/.test(path) ? ${JSON.stringify(fifo)} : path, ...how);
      syncBuiltinESMExports();`;
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hang)}` };
    const boot = (name: string) => {
      const file = join(folder, name);
      const flags = [
        "--port",
        "0",
        "--state-file",
        file,
        "--drain",
        "100ms",
        "--assets",
        "bitcoin",
      ];
      return { file, ...start(["demo", ...flags], env) };
    };
    const [waiting, hurried] = [boot("a"), boot("b")];
    for (const { child, state } of [waiting, hurried]) {
      await until(() => state.output.includes("Made-up prices"), 20_000);
      child.kill("SIGTERM");
    }
    await until(() => hurried.state.output.includes("service stopped"), 5000);
    hurried.child.kill("SIGTERM");
    await until(() => hurried.state.code !== undefined, 1000);
    expect(hurried.state.output).toContain(
      `Ended at once by a second signal, SIGTERM. The state was not left in ${hurried.file}.`,
    );
    await until(() => waiting.state.code !== undefined, 6000);
    expect(waiting.state.output).toMatch(
      /--state-file .* can't be written: .* not answered for 3 s/,
    );
    expect(waiting.state.output).toContain(`The state was not left in ${waiting.file}.`);
    for (const { state } of [waiting, hurried]) expect(state.code).not.toBe(0);
  },
  40_000,
);
