/** The browser tests need Chromium: finds it, or installs it where that can be done, or says how. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const chromium = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const isRoot = process.getuid?.() === 0;
const isDebian = existsSync("/etc/debian_version");

if (!existsSync(chromium)) {
  if (!isRoot || !isDebian) {
    const command = isDebian
      ? "sudo apt-get install -y chromium"
      : "CHROMIUM_PATH=/path/to/chromium npm test";
    console.error(
      `The browser tests need Chromium, and there is none at ${chromium}. Run:\n\n  ${command}\n`,
    );
    process.exit(1);
  }
  console.log("Installing Chromium for the browser tests …");
  apt("update");
  apt("install", "-y", "--no-install-recommends", "chromium");
}

function apt(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync("apt-get", args, { stdio: "inherit", env });
  if (status === 0) return;
  console.error(
    `apt-get ${args.join(" ")} failed. Install Chromium by hand, or set CHROMIUM_PATH.`,
  );
  process.exit(1);
}
