import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** A file of the repository. */
export const read = (name: string) => readFileSync(`${ROOT}${name}`, "utf8");
