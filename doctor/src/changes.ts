import type { Result } from "./checks/index.ts";

/** What is another than before. Numbers that are seen change all the time: they don't count. */
export function changesOf(before: readonly Result[], after: readonly Result[]): Result[] {
  const known = new Set(before.map(keyOf));
  return after.filter((result) => !known.has(keyOf(result)));
}

const keyOf = ({ name, status, mend }: Result): string => `${name} ${status} ${mend ?? ""}`;
