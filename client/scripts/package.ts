/** Builds what is published, ready to be packed: `node client/scripts/package.ts [FOLDER]`. */
import { execFile } from "node:child_process";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { writeWidget } from "./widget.ts";

const CLIENT = fileURLToPath(new URL("..", import.meta.url));
const TSC = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));

/** @param folder emptied first */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const compile = [TSC, "-p", join(CLIENT, "tsconfig.build.json"), "--outDir", folder];
  await Promise.all([promisify(execFile)(process.execPath, compile), writeWidget(folder)]);
  await writeFile(join(folder, "package.json"), `${JSON.stringify(published(), null, 2)}\n`);
  await copyFile(join(CLIENT, "README.md"), join(folder, "README.md"));
  await copyFile(join(CLIENT, "../LICENSE"), join(folder, "LICENSE"));
}

/** The same names as in the workspace, which runs the sources, for the built files. */
function published() {
  const { private: _, scripts, devDependencies, ...kept } = manifest;
  const built = Object.entries(manifest.exports).map(([name, source]) => {
    const file = source.replace("./src/", "./").replace(/\.ts$/, "");
    return [name, { types: `${file}.d.ts`, default: `${file}.js` }] as const;
  });
  return {
    ...kept,
    exports: { ...Object.fromEntries(built), "./price-ticker.js": "./price-ticker.js" },
    sideEffects: ["./widget.js", "./price-ticker.js"],
  };
}

if (import.meta.main) await buildPackage(process.argv[2] ?? join(CLIENT, "dist"));
