import type { Result } from "../checks/index.ts";

export const isWell = (results: readonly Result[]): boolean =>
  results.every(({ status }) => status !== "fail");

/** The same for programs, in one line. */
export const jsonOf = (results: readonly Result[]): string =>
  JSON.stringify({
    ok: isWell(results),
    checks: results.map(({ name, status, seen, mend }) => ({ name, status, seen, mend })),
  });
