/**
 * Some tests need programs that npm does not have: finds those that are named, or installs them where
 * that can be done, or says how: `node scripts/ensure.ts chromium nginx`.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

type Program = {
  /** The package of Debian. */
  debian: string;
  /** Where Debian has it. */
  usual: string;
  /** The variable that names another place. */
  variable: string;
  /** What needs it. */
  why: string;
};

const programs: Record<string, Program> = {
  chromium: {
    debian: "chromium",
    usual: "/usr/bin/chromium",
    variable: "CHROMIUM_PATH",
    why: "The browser tests",
  },
  nginx: {
    debian: "nginx",
    usual: "/usr/sbin/nginx",
    variable: "NGINX_PATH",
    why: "The doctor's tests",
  },
};

const isRoot = process.getuid?.() === 0;
const isDebian = existsSync("/etc/debian_version");
const placeOf = ({ variable, usual }: Program) => process.env[variable] ?? usual;

const missing = process.argv.slice(2).flatMap((name) => {
  const program = programs[name];
  if (!program) throw new Error(`Unknown: ${name}. Known: ${Object.keys(programs).join(", ")}`);
  return existsSync(placeOf(program)) ? [] : [program];
});

if (missing.length > 0) {
  const names = missing.map(({ debian }) => debian);
  if (!isRoot || !isDebian) {
    for (const program of missing) {
      const { debian, variable, why } = program;
      const command = isDebian
        ? `sudo apt-get install -y ${debian}`
        : `${variable}=/path/to/${debian} npm test`;
      console.error(
        `${why} need ${debian}, and there is none at ${placeOf(program)}. Run:\n\n  ${command}\n`,
      );
    }
    process.exit(1);
  }
  console.log(`Installing for the tests: ${names.join(", ")} …`);
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...names);
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync("apt-get", args, { stdio: "inherit", env });
  if (status === 0) return;
  const variables = missing.map(({ variable }) => variable).join(", ");
  console.error(
    `apt-get ${args.join(" ")} failed. Install by hand, or say where it is: ${variables}.`,
  );
  process.exit(1);
}
