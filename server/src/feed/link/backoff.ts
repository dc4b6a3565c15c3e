/** Bounds of the wait between connection attempts, ms. */
export type BackoffBounds = { baseMs: number; capMs: number };

/**
 * Full jitter: anywhere between nothing and a ceiling that doubles with each failure, so that many
 * gateways cut at once do not come back at once.
 * @param failures failures in a row so far, 1 or more
 * @param random a number in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs({ baseMs, capMs }: BackoffBounds, failures: number, random: number) {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(random * ceiling);
}
