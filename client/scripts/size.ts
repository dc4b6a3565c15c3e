/** What an app loads of the SDK, gzip: a table, and exit code 1 where something is too big. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle, type Chunk } from "./bundle.ts";
import { bundleWidget } from "./widget.ts";

type Part = {
  name: string;
  /** What the app does with it. */
  code: string;
  /** Modules that the app has anyway, and not from here. */
  besides?: readonly string[];
  /** Not what is loaded at once, but what comes with this module, on need. */
  onNeed?: string;
  /** Code of the SDK that the app has anyway: what it adds to that is told. */
  beyond?: string;
  /** The most it may weigh, gzip, bytes; without one it is only told. */
  limit?: number;
};

const path = (file: string) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));
const uses = (file: string, ...names: string[]) =>
  `import { ${names} } from ${JSON.stringify(path(file))}; console.log(${names});`;

const CORE = uses("index.ts", "createPriceStream");
const REACT = { besides: ["react"], beyond: CORE, limit: 1000 };
const HOOKS = ["PriceStreamProvider", "usePriceStream", "usePrice", "usePrices", "useStreamStatus"];

const PARTS: readonly Part[] = [
  { name: "core", code: CORE, limit: 7180 },
  { name: "sse, on need", code: CORE, onNeed: path("sse.ts"), limit: 2000 },
  { name: "plain contract, on need", code: CORE, onNeed: path("plain/transport.ts"), limit: 2000 },
  {
    name: "tabs, beyond the core",
    code: uses("tabs.ts", "createSharedPriceStream"),
    beyond: CORE,
    limit: 2000,
  },
  { name: "react: provider and hooks", code: `${CORE} ${uses("react.ts", ...HOOKS)}`, ...REACT },
  {
    name: "react: usePriceWebSocket",
    code: `${CORE} ${uses("react.ts", "usePriceWebSocket")}`,
    ...REACT,
  },
  {
    name: "react: all of it",
    code: `${CORE} ${uses("react.ts", ...HOOKS, "usePriceWebSocket")}`,
    ...REACT,
  },
];

export type Size = Pick<Part, "name" | "limit"> & { bytes: number };

/** @throws Error where a part that is to be loaded on need is not */
export async function measureSizes(): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const { name, code, besides = [], onNeed, beyond, ...about } of PARTS) {
    const chunks = await bundle(code, (module) => besides.includes(module));
    const atOnce = loadedWith(chunks, chunks.find((chunk) => chunk.isEntry)?.fileName);
    const later = loadedWith(chunks, chunks.find((chunk) => chunk.module === onNeed)?.fileName);
    const files = onNeed === undefined ? atOnce : later.difference(atOnce);
    if (files.size === 0) throw new Error(`Nothing is loaded for ${name}`);
    const bytes = sizeOf(chunks, files);
    sizes.push({ name, bytes: bytes - (beyond ? await atOnceOf(beyond) : 0), ...about });
  }
  sizes.push({ name: "price-ticker.js", bytes: gzipped(await bundleWidget()) });
  return sizes;
}

async function atOnceOf(code: string): Promise<number> {
  const chunks = await bundle(code);
  const files = loadedWith(chunks, chunks.find((chunk) => chunk.isEntry)?.fileName);
  return sizeOf(chunks, files);
}

const sizeOf = (chunks: readonly Chunk[], files: ReadonlySet<string>): number =>
  chunks
    .filter(({ fileName }) => files.has(fileName))
    .reduce((sum, chunk) => sum + gzipped(chunk.code), 0);

const gzipped = (code: string): number => gzipSync(code, { level: 9 }).length;

/** A file, and all that it loads at once. */
function loadedWith(chunks: readonly Chunk[], fileName: string | undefined): Set<string> {
  const chunk = chunks.find((one) => one.fileName === fileName);
  if (!chunk) return new Set();
  return new Set([
    chunk.fileName,
    ...chunk.imports.flatMap((name) => [...loadedWith(chunks, name)]),
  ]);
}

export const isTooBig = ({ bytes, limit }: Size): boolean => limit !== undefined && bytes > limit;

if (import.meta.main) {
  const sizes = await measureSizes();
  const width = Math.max(...sizes.map(({ name }) => name.length));
  for (const size of sizes) {
    const { name, bytes, limit } = size;
    const allowed = limit === undefined ? "" : ` of ${limit}`;
    console.log(
      `${name.padEnd(width)} ${`${bytes}`.padStart(6)}${allowed}${isTooBig(size) ? "  too big" : ""}`,
    );
  }
  process.exitCode = sizes.some(isTooBig) ? 1 : 0;
}
