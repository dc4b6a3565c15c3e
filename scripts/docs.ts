/** Writes the tables of the documentation that are made from code. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { settingsTables } from "../server/src/config/show.ts";

const FILE = fileURLToPath(new URL("../docs/configuration.md", import.meta.url));
const PLACE = /(<!-- settings:[^\n]*-->\n)[\s\S]*?(<!-- \/settings -->)/;

const text = readFileSync(FILE, "utf8");
writeFileSync(
  FILE,
  text.replace(PLACE, (_all, before, after) => `${before}\n${settingsTables()}\n\n${after}`),
);
