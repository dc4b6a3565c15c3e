import { sources } from "../sources/index.ts";
import type { Config } from "./config.ts";
import { type Environment, type Flags, type Given, givenOf } from "./given.ts";
import { exchanges } from "./groups/exchanges.ts";
import { replay } from "./groups/replay.ts";
import { shown } from "./secrets.ts";
import { type Described, nameOf } from "./setting.ts";
import { describe, groups } from "./settings.ts";

/**
 * What is in effect, and from where, a line for each setting: its name, where it is from, and its value, which
 * may be long. Of secrets only whether there is one.
 */
export function showConfig(config: Config, flags: Flags, env: Environment): string {
  const settings = groups.flatMap((group) => describe(group, config.known));
  const rows = settings.map((setting) => {
    const given = givenOf(setting, flags, env);
    const { text, from } = setting.name === "sources" ? speaking(config, given, flags, env) : given;
    return [nameOf(setting), from, shown(setting, text)];
  });
  return aligned(rows);
}

/** Rows of cells, one below the other. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widthOf(column)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** All sources that speak: those of files do without being named, in a replay all do. */
function speaking(config: Config, named: Given, flags: Flags, env: Environment): Given {
  const text = config.sources.join(",");
  if (text === named.text) return named;
  const settings = { ...exchanges.settings, ...replay.settings };
  const why = config.replay === undefined ? "sourceFile" : "replay";
  const more = givenOf({ name: why, ...settings[why] }, flags, env);
  return { text, from: `${named.from}, ${more.from}` };
}

/** The tables of all settings, a heading and a table for each group, in Markdown. */
export const settingsTables = (): string =>
  groups.map((group) => `### ${group.title}\n\n${tableOf(describe(group, sources))}`).join("\n\n");

function tableOf(settings: readonly Described[]): string {
  const rows = settings.map(({ flag, env, fallback, repeatable, meaning }) => {
    const cells = [code(flag), code(env), code(fallback || undefined)];
    const more = repeatable ? "; repeatable, in the variable separated by commas" : "";
    return [...cells, `${meaning}${more}`.replaceAll("|", "\\|")];
  });
  return [["flag", "variable", "default", "meaning"], ["---", "---", "---", "---"], ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
}

const code = (text: string | undefined): string =>
  text === undefined ? "" : `\`${text.replaceAll("|", "\\|")}\``;
