/** No wait between two attempts is longer, ms. */
const LONGEST_MS = 30_000;

/**
 * Full jitter: anywhere between nothing and a ceiling that doubles with each attempt, so that many
 * clients cut at once do not come back at once.
 * @param baseMs ceiling before the first attempt
 * @param attempt number of the coming attempt, 1 or more
 * @param random a number in [0, 1)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const backoffMs = (baseMs: number, attempt: number, random: number): number =>
  Math.round(random * Math.min(LONGEST_MS, baseMs * 2 ** (attempt - 1)));
