import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));
const IMPURE =
  /from "(?:ws|node:(?!util)[^"]*|\.\.\/observe\/[^"]*)"|\b(?:setTimeout|setInterval|fetch)\(|Date\.now|performance\.now|process\./;

it("judges apart from looking: checks, tallies and reports touch no socket, clock or process", () => {
  const files = globSync("{checks,tally,report}/*.ts", { cwd: SRC });
  expect(files.length).toBeGreaterThan(20);
  const impure = files.filter((file) => IMPURE.test(readFileSync(`${SRC}${file}`, "utf8")));
  expect(impure).toEqual([]);
});
