import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));

/**
 * Installs the libraries to measure against by their own lock file, unless that has been done.
 * @throws Error if npm can't
 */
export function installPeers(): void {
  const timeOf = (file: string) => statSync(`${FOLDER}${file}`, { throwIfNoEntry: false })?.mtimeMs;
  const installedAt = timeOf("node_modules/.package-lock.json") ?? 0;
  if (installedAt > (timeOf("package-lock.json") ?? 0)) return;
  // Standard output is for the figures.
  const { status } = spawnSync("npm", ["ci", "--prefix", FOLDER], {
    cwd: FOLDER,
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (status !== 0) throw new Error("npm could not install the libraries to measure against");
}
