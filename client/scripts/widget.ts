/** Puts the widget's one file into a folder: `node client/scripts/widget.ts FOLDER`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";

const SOURCE = fileURLToPath(new URL("../src/widget.ts", import.meta.url));

/** The widget and all it needs, for a plain script tag. */
export async function bundleWidget(): Promise<string> {
  const [file, ...others] = await bundle(`import ${JSON.stringify(SOURCE)};`, undefined, "iife");
  if (!file || others.length > 0) throw new Error("The widget is to be one file");
  return file.code;
}

export async function writeWidget(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "price-ticker.js"), await bundleWidget());
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (!folder) throw new Error("Name the folder to put the widget into");
  await writeWidget(folder);
}
