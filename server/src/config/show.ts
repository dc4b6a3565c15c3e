import { type Environment, type Flags, givenOf } from "./config.ts";
import { MASK, withoutSecrets } from "./secrets.ts";
import { nameOf, type Setting, settingList } from "./settings.ts";

/** Keys of exchanges: the variables are named by the sources. */
type KeyHolder = { facts: { keyVariable?: string | undefined } };

/**
 * What is in effect, and from where, a line for each setting. Of secrets only whether there is one.
 * @param known the sources there are
 */
export function showConfig(flags: Flags, env: Environment, known: readonly KeyHolder[]): string {
  const rows = settingList.map((setting) => {
    const { text, from } = givenOf(setting, flags, env);
    return [nameOf(setting), shown(setting, text), from];
  });
  const keys = known.flatMap(({ facts }) => facts.keyVariable ?? []);
  for (const variable of new Set(keys)) {
    const isSet = Boolean(env[variable]);
    rows.push([variable, isSet ? MASK : "-", isSet ? variable : "default"]);
  }
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function shown({ secret }: Setting, text: unknown): string {
  if (text === undefined || (Array.isArray(text) && text.length === 0)) return "-";
  return secret ? MASK : withoutSecrets(String(text));
}

/** The table of all settings, in Markdown. */
export function settingsTable(): string {
  const rows = settingList.map((setting) => {
    const { flag, env, fallback, repeatable, meaning } = setting;
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
