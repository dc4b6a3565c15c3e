import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../../shared/captures/cryptofeed/", import.meta.url));

/** Path of a captured recording, and whether it is there: tests pass without. */
export function capture(name: string): { file: string; exists: boolean } {
  const file = `${folder}${name}.jsonl`;
  return { file, exists: existsSync(file) };
}

export type CapturedLine = { t: number | null; dir: "in" | "out"; url: string; raw: string };

export const capturedLines = (file: string): CapturedLine[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): CapturedLine => JSON.parse(line));
