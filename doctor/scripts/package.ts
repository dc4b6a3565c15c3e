/** Builds what is published, one file that needs nothing else: `node doctor/scripts/package.ts [FOLDER]`. */
import { chmod, copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import manifest from "../package.json" with { type: "json" };

const DOCTOR = fileURLToPath(new URL("..", import.meta.url));
const FILE = "doctor.js";

/** @param folder emptied first */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await build({
    root: DOCTOR,
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true },
    build: {
      outDir: folder,
      emptyOutDir: true,
      ssr: "src/main.ts",
      target: "node22",
      rolldownOptions: {
        // Faster ones in C that `ws` takes where it finds them.
        external: ["bufferutil", "utf-8-validate"],
        output: { entryFileNames: FILE, codeSplitting: false },
      },
    },
  });
  const { private: _, scripts, devDependencies, ...kept } = manifest;
  const bin = Object.fromEntries(Object.keys(manifest.bin).map((name) => [name, `./${FILE}`]));
  const published = { ...kept, bin, files: [FILE] };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
  await copyFile(join(DOCTOR, "README.md"), join(folder, "README.md"));
  await copyFile(join(DOCTOR, "../LICENSE"), join(folder, "LICENSE"));
  await chmod(join(folder, FILE), 0o755);
}

if (import.meta.main) await buildPackage(process.argv[2] ?? join(DOCTOR, "dist"));
