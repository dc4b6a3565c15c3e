import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../server/src/cli/main.ts", import.meta.url));
const STARTED = /CryptoVault demo: http:\/\/localhost:(\d+)/;

/**
 * Starts the gateway as a deployment does, on made-up prices.
 * @returns when it listens
 * @throws Error with what it said, where it ends before that
 */
export async function startProcess(args: readonly string[]) {
  const child = spawn(process.execPath, ["--max-semi-space-size=4", MAIN, "demo", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => Number(code));
  const said: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      said.push(line);
      const [, found] = STARTED.exec(line) ?? [];
      if (found) resolve(Number(found));
    });
    void exited.then((code) => reject(new Error(`It ended with ${code}:\n${said.join("\n")}`)));
  });
  return {
    port,
    /** Sends SIGTERM. @returns the exit code, and how long it took, ms */
    async end() {
      const signalledAt = Date.now();
      child.kill("SIGTERM");
      return { code: await exited, tookMs: Date.now() - signalledAt };
    },
    kill: () => child.kill("SIGKILL"),
  };
}
