import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../../shared/captures/", import.meta.url));
const restExamples = `${folder}rest/coingecko-openapi-examples.json`;

/** The example answers of CoinGecko's OpenAPI description by path, if they are there. */
export const coingeckoExamples = (): Record<string, { example: unknown }> | undefined =>
  existsSync(restExamples) ? JSON.parse(readFileSync(restExamples, "utf8")) : undefined;

/** A captured recording by its path below the captures, and whether it is there: tests pass without. */
export function captureAt(path: string): { file: string; exists: boolean } {
  const file = `${folder}${path}.jsonl`;
  return { file, exists: existsSync(file) };
}

/** Byte-exact traffic of one exchange, with its arrival times. */
export const capture = (name: string) => captureAt(`cryptofeed/${name}`);

export type CapturedLine = { t: number | null; dir: "in" | "out"; url: string; raw: string };

export const capturedLines = (file: string): CapturedLine[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): CapturedLine => JSON.parse(line));
