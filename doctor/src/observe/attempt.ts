import type { Clock } from "@cryptovault/price-stream";
import type { Attempt, Failure } from "../seen.ts";

/**
 * Tries something, and gives it up after `patienceMs`.
 * @param start begins it, and returns what ends it; that is called in any case
 */
export function attempt<Result>(
  clock: Clock,
  patienceMs: number,
  start: (done: (result: Result) => void, failed: (error: Error) => void) => () => void,
): Promise<Attempt<Result>> {
  const startedAt = clock.now();
  const elapsed = () => clock.now() - startedAt;
  return new Promise((resolve) => {
    const settle = (result: Attempt<Result>) => {
      cancel();
      resolve(result);
      end();
    };
    const cancel = clock.after(patienceMs, () =>
      settle({ ok: false, ms: elapsed(), code: "TIMEOUT", message: "no answer in time" }),
    );
    const end = start(
      (result) => settle({ ok: true, ms: elapsed(), ...result }),
      (error) => settle({ ok: false, ms: elapsed(), ...told(error) }),
    );
  });
}

/** What an error of Node's says. Several addresses that fail make an error of errors. */
export function told(error: Error): Pick<Failure, "code" | "message"> {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const cause = first instanceof Error ? first : error;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "ERROR";
  // OpenSSL's words end their lines.
  return { code, message: cause.message.replace(/\s+/g, " ").trim() };
}
