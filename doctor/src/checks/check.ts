import type { Seen } from "../seen.ts";

/** What the doctor says of one thing. Only a `pass` that is also a warning has a `mend`. */
export type Verdict =
  | { status: "pass"; seen: string; mend: string | null }
  | { status: "fail"; seen: string; mend: string }
  | { status: "skip"; seen: string; mend: null };

/** One thing that can be well or not. Pure: it judges what was seen. */
export type Check = {
  name: string;
  /** Checks without which this one makes no sense. */
  needs: readonly string[];
  /** @param failed the checks before this one that have failed */
  diagnose(seen: Seen, failed: ReadonlySet<string>): Verdict;
};

/**
 * @param seen what was seen, with numbers, in one line
 * @param mend what to do all the same: a pass, but a warning
 */
export const pass = (seen: string, mend: string | null = null): Verdict => ({
  status: "pass",
  seen,
  mend,
});

/** @param mend what to do, in one sentence that has no number in it that changes from run to run */
export const fail = (seen: string, mend: string): Verdict => ({ status: "fail", seen, mend });

/** @param because why there is nothing to judge */
export const skip = (because: string): Verdict => ({ status: "skip", seen: because, mend: null });

/** What is said where nobody has looked: a check that it needs would have failed. */
export const NOT_LOOKED = skip("not looked at");
