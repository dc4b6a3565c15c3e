import { spawnSync } from "node:child_process";

/** What a process opens besides its clients. */
const OTHERS = 100;

/** What to do where a process may not open a file for each client; undefined where it may. */
export function tooFewFiles(clients: number): string | undefined {
  const { stdout } = spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" });
  const needed = clients + OTHERS;
  // "unlimited" is no number.
  if (!(Number.parseInt(stdout, 10) < needed)) return undefined;
  return (
    `${clients} clients need ${needed} open files, and this shell allows ${stdout.trim()}. ` +
    `Run "ulimit -n ${needed}" first (as root, where it refuses), or ask for fewer with --clients and --crowd.`
  );
}
