/** The tests of metrics and alerts need promtool: finds it, or takes it out of Debian's package, or says how. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findPromtool, PROMTOOL_CACHE } from "../server/test/support/promtool.ts";

const isRoot = process.getuid?.() === 0;

if (!findPromtool()) {
  console.log("Fetching promtool for the tests of metrics and alerts …");
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  chmodSync(folder, 0o777);
  // The package as a whole would start a Prometheus: only the tool is wanted, and that needs no root.
  const run = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { cwd: folder, stdio: "inherit" }).status === 0;
  const download = () => run("apt-get", "-qq", "download", "prometheus");
  const isHere =
    existsSync("/etc/debian_version") &&
    (download() || (isRoot && run("apt-get", "-qq", "update") && download())) &&
    run("dpkg-deb", "-x", globSync("*.deb", { cwd: folder })[0] ?? "", ".");
  if (isHere) {
    mkdirSync(dirname(PROMTOOL_CACHE), { recursive: true });
    copyFileSync(join(folder, "usr/bin/promtool"), PROMTOOL_CACHE);
  }
  rmSync(folder, { recursive: true });
  if (!isHere) {
    console.error(
      "The tests of metrics and alerts need promtool, which is part of Prometheus. On Debian and Ubuntu:\n\n" +
        "  sudo apt-get update && node scripts/ensure-promtool.ts\n\n" +
        "Elsewhere take it from https://prometheus.io/download/ and run:\n\n" +
        "  PROMTOOL_PATH=/path/to/promtool npm test\n",
    );
    process.exit(1);
  }
}
