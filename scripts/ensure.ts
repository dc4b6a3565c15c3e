/**
 * Some tests need programs that npm does not have. Finds those that are named, or takes them from Debian's
 * packages, or says how to get them: `node scripts/ensure.ts chromium nginx promtool`.
 */
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
import { findNginx, NGINX_CACHE } from "../doctor/test/support/nginx.ts";
import { findPromtool, PROMTOOL_CACHE } from "../server/test/support/promtool.ts";

type Program = {
  why: string;
  isHere(): boolean;
  /** The package of Debian. */
  debian: string;
  /**
   * Only this file is wanted of the package, for which nobody has to be root: installed as a whole it would
   * start a service. Where that does not run, for want of a library, the package is installed all the same.
   */
  file?: File;
  /** What to do where there is no Debian. */
  elsewhere: string;
};

/** `version` is the option that shows whether it runs. */
type File = { from: string; to: string; version: string };

const programs: Record<string, Program> = {
  chromium: {
    why: "The browser tests need Chromium.",
    isHere: () => existsSync(process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"),
    debian: "chromium",
    elsewhere: "CHROMIUM_PATH=/path/to/chromium npm test",
  },
  nginx: {
    why: "The doctor's tests need nginx.",
    isHere: () => findNginx() !== undefined,
    debian: "nginx",
    file: { from: "usr/sbin/nginx", to: NGINX_CACHE, version: "-v" },
    elsewhere: "NGINX_PATH=/path/to/nginx npm test",
  },
  promtool: {
    why: "The tests of metrics and alerts need promtool, which is part of Prometheus (https://prometheus.io/download/).",
    isHere: () => findPromtool() !== undefined,
    debian: "prometheus",
    file: { from: "usr/bin/promtool", to: PROMTOOL_CACHE, version: "--version" },
    elsewhere: "PROMTOOL_PATH=/path/to/promtool npm test",
  },
};

const isRoot = process.getuid?.() === 0;
const isDebian = existsSync("/etc/debian_version");

for (const name of process.argv.slice(2)) {
  const program = programs[name];
  if (!program) throw new Error(`Unknown: ${name}. Known: ${Object.keys(programs).join(", ")}`);
  if (program.isHere()) continue;
  console.log(`Getting ${name} for the tests …`);
  const { debian, file } = program;
  if (isDebian && ((file && extract(debian, file)) || install(debian))) continue;
  const then = file ? `node scripts/ensure.ts ${name}` : `sudo apt-get install -y ${debian}`;
  console.error(
    `${program.why} On Debian and Ubuntu:\n\n  sudo apt-get update && ${then}\n\nElsewhere:\n\n  ${program.elsewhere}\n`,
  );
  process.exit(1);
}

function install(debian: string): boolean {
  return isRoot && apt(["update"]) && apt(["install", "-y", "--no-install-recommends", debian]);
}

function extract(debian: string, { from, to, version }: File): boolean {
  const folder = mkdtempSync(join(tmpdir(), "ensure-"));
  // apt downloads as a user of its own.
  chmodSync(folder, 0o777);
  const download = () => apt(["download", debian], folder);
  const unpack = () =>
    run("dpkg-deb", ["-x", globSync("*.deb", { cwd: folder })[0] ?? "", "."], folder);
  const got = (download() || (isRoot && apt(["update"]) && download())) && unpack();
  if (got) {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(folder, from), to);
  }
  rmSync(folder, { recursive: true });
  const runs = got && run(to, [version]);
  if (!runs) rmSync(to, { force: true });
  return runs;
}

function apt(args: string[], cwd?: string): boolean {
  return run("apt-get", ["-qq", ...args], cwd);
}

function run(command: string, args: string[], cwd = process.cwd()): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(command, args, { cwd, stdio: "inherit", env }).status === 0;
}
