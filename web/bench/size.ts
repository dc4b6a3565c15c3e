import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));

export type PageSizes = {
  /** JavaScript that the page loads before it shows anything, gzip, bytes. */
  atOnce: number;
  /** What it loads on need, by file. */
  onNeed: ReadonlyMap<string, number>;
};

/** Sizes of the built page's JavaScript. */
export function pageSizes(): PageSizes {
  const html = readFileSync(`${DIST}index.html`, "utf8");
  const sizes = readdirSync(`${DIST}assets`)
    .filter((file) => file.endsWith(".js"))
    .map((file) => [file, gzipped(`${DIST}assets/${file}`)] as const);
  // What the entry imports at once is named in the page too, to be loaded beside it.
  const isAtOnce = ([file]: readonly [string, number]) => html.includes(`/assets/${file}"`);
  return {
    atOnce: sizes.filter(isAtOnce).reduce((sum, [, bytes]) => sum + bytes, 0),
    onNeed: new Map(sizes.filter((size) => !isAtOnce(size))),
  };
}

const gzipped = (file: string): number => gzipSync(readFileSync(file), { level: 9 }).length;
