import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `scripts/ensure.ts` puts it. */
export const PROMTOOL_CACHE = fileURLToPath(
  new URL("../../../node_modules/.cache/price-stream/promtool", import.meta.url),
);

/** promtool as `PROMTOOL_PATH` names it, or on the path, or fetched; undefined where there is none. */
export function findPromtool(): string | undefined {
  const { PROMTOOL_PATH, PATH = "" } = process.env;
  const places = PATH.split(delimiter).map((folder) => join(folder, "promtool"));
  return [...(PROMTOOL_PATH ? [PROMTOOL_PATH] : places), PROMTOOL_CACHE].find(existsSync);
}

/** What promtool complains of; empty where it does not. */
export function promtool(args: readonly string[], input = ""): string {
  const tool = findPromtool();
  if (!tool) throw new Error("There is no promtool. Run: node scripts/ensure.ts promtool");
  const { status, stdout, stderr, error } = spawnSync(tool, args, { input, encoding: "utf8" });
  return status === 0 ? "" : `${error ?? ""}${stdout}${stderr}`;
}
