import { styleText } from "node:util";
import type { Result } from "../checks/index.ts";

/** How a report is to look. */
export type Look = {
  colour: boolean;
  /** Lines are broken at so many characters; undefined: never. */
  columns: number | undefined;
};

/** Colours for who looks at a terminal and did not ask for none: https://no-color.org */
export const lookOf = (
  { isTTY = false, columns }: { isTTY?: boolean; columns?: number },
  { NO_COLOR = "" }: { NO_COLOR?: string | undefined },
): Look => ({ colour: isTTY && NO_COLOR === "", columns: isTTY ? columns : undefined });

const INDENT = "  ";
const NAME_WIDTH = 9;
const MARKS = { pass: "pass", fail: "FAIL", skip: "skip" } as const;
const COLOURS = { pass: "green", fail: "red", skip: "gray" } as const;

/** The list of checks: what was seen, and under what is amiss what to do. */
export function textOf(results: readonly Result[], look: Look): string {
  return runs(results)
    .map((run) => lineOf(run, look))
    .join("\n");
}

/** The last line: what to mend first. */
export function summaryOf(results: readonly Result[]): string {
  const failing = results.filter(({ status }) => status === "fail");
  const [first] = failing;
  if (first) {
    return `${failing.length} of ${results.length} checks fail. Mend first: ${first.name}. ${first.mend}`;
  }
  const [warning] = results.filter(({ mend }) => mend !== null);
  return warning ? `All well, but: ${warning.name}. ${warning.seen}` : "All well.";
}

type Run = { names: string[]; result: Result };

/** What is skipped for the same reason, one after the other, is one line. */
function runs(results: readonly Result[]): Run[] {
  const runs: Run[] = [];
  for (const result of results) {
    const last = runs.at(-1);
    if (last && result.status === "skip" && last.result.seen === result.seen) {
      last.names.push(result.name);
    } else {
      runs.push({ names: [result.name], result });
    }
  }
  return runs;
}

function lineOf({ names, result }: Run, { colour, columns }: Look): string {
  const { status, seen, mend } = result;
  const paint = (text: string) =>
    colour ? styleText(COLOURS[status], text, { validateStream: false }) : text;
  const [first = "", ...others] = names;
  const told = others.length > 0 ? `${seen}; so are ${others.join(", ")}` : seen;
  const margin = INDENT.length + MARKS.pass.length + 2 + NAME_WIDTH + 2;
  const fit = (text: string) =>
    wrap(text, columns === undefined ? undefined : columns - margin).join(
      `\n${" ".repeat(margin)}`,
    );
  const head = `${INDENT}${paint(MARKS[status])}  ${first.padEnd(NAME_WIDTH)}  ${fit(told)}`;
  return mend === null ? head : `${head}\n${" ".repeat(margin)}${fit(`→ ${mend}`)}`;
}

/** Breaks between words; a longer word has its own line. */
function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined || width < 20) return [text];
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
