/**
 * Breaks a copy of the tree in named ways, one at a time, and runs the test that must notice. A
 * mutant that survives is a hole in the tests. An argument chooses those whose name or file holds it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { book } from "./mutants/book.ts";
import { client } from "./mutants/client.ts";
import { doctor } from "./mutants/doctor.ts";
import { feed } from "./mutants/feed.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { operations } from "./mutants/operations.ts";
import { wire } from "./mutants/wire.ts";

const [pattern = ""] = process.argv.slice(2);
const mutants = [...feed, ...book, ...wire, ...operations, ...client, ...doctor].filter(
  ({ name, file }) => name.includes(pattern) || file.includes(pattern),
);

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "mutants-"));
const skipped = new Set(["node_modules", ".git", "dist"]);
cpSync(root, copy, {
  recursive: true,
  filter: (path) =>
    !relative(root, path)
      .split("/")
      .some((part) => skipped.has(part)),
});
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** Runs one test by name. */
function passes([file, name]: Mutant["test"]): boolean {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const { status } = spawnSync(
    process.execPath,
    [vitest, "run", file, "-t", pattern, "--passWithNoTests=false"],
    { cwd: copy, stdio: "ignore" },
  );
  return status === 0;
}

let survivors = 0;
for (const { name, file, find, replace, test } of mutants) {
  const path = join(copy, file);
  const original = readFileSync(path, "utf8");
  if (original.split(find).length !== 2) throw new Error(`"${find}" is not once in ${file}`);
  const sound = passes(test);
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  const killed = sound && !passes(test);
  writeFileSync(path, original);
  if (!killed) survivors++;
  const verdict = !sound ? "UNSOUND (the test fails without it)" : killed ? "killed" : "SURVIVED";
  console.log(`${verdict.padEnd(9)} ${name} — ${test[0]}: ${test[1]}`);
}
rmSync(copy, { recursive: true });
console.log(`${mutants.length - survivors} of ${mutants.length} mutants killed`);
process.exitCode = survivors > 0 ? 1 : 0;
