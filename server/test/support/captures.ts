import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const restExamples = fileURLToPath(
  new URL("../../../../shared/captures/rest/coingecko-openapi-examples.json", import.meta.url),
);

/** The example answers of CoinGecko's OpenAPI description by path, if they are there. */
export const coingeckoExamples = (): Record<string, { example: unknown }> | undefined =>
  existsSync(restExamples) ? JSON.parse(readFileSync(restExamples, "utf8")) : undefined;

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
