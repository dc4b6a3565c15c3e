import { type ChildProcess, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

type Result = { code: number | null; output: string };

const endWithTest = (child: ChildProcess) => onTestFinished(() => void child.kill("SIGKILL"));

/** Runs the command line to its end. */
export function run(args: string[], env: Record<string, string> = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
    );
    endWithTest(child);
  });
}

/** Starts the command line; it is ended with the test. */
export function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } });
  endWithTest(child);
  const state = { output: "", code: undefined as number | null | undefined };
  const collect = (data: Buffer) => {
    state.output += data.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.on("exit", (code) => {
    state.code = code;
  });
  return { child, state };
}
