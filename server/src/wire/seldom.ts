/** Calls what it is given, but not again before `intervalMs` are over: a log must not be a flood. */
export function createSeldom(intervalMs: number, now: () => number) {
  let calledAt = Number.NEGATIVE_INFINITY;
  return (fn: () => void) => {
    if (now() - calledAt < intervalMs) return;
    calledAt = now();
    fn();
  };
}
