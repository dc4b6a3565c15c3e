/**
 * A frame spelled exactly as its exchange documents it needs no JSON parser: one regular expression
 * reads it several times as fast. It must only match what `JSON.parse` would read the same way: hence
 * known keys in a known order, each once, and no escapes. Whatever it does not match is left to
 * `JSON.parse`.
 */

/** A string that is wanted, without escapes. */
export const TEXT = String.raw`"([^"\\\x00-\x1f]*)"`;

/** A string that nobody wants. */
export const SKIPPED = String.raw`"[^"\\\x00-\x1f]*"`;

/** A moment in UTC, to the millisecond or finer, that is wanted; `utcMs` reads it. */
export const MOMENT = String.raw`"([1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3,9}Z)"`;

/** An integer that nobody wants. */
export const SKIPPED_INTEGER = String.raw`(?:0|[1-9]\d*)`;

/** An integer that is wanted. */
export const INTEGER = String.raw`(0|[1-9]\d*)`;

/** Matches a whole frame: frameSpelled`{"s":${TEXT},"E":${INTEGER}}`. */
export const frameSpelled = (documented: TemplateStringsArray, ...values: string[]): RegExp =>
  new RegExp(`^${pattern(documented, values)}$`);

/**
 * Matches one element of an array, from `lastIndex` on, and with it the comma or the bracket that
 * follows, which is captured last.
 */
export const elementSpelled = (documented: TemplateStringsArray, ...values: string[]): RegExp =>
  new RegExp(`${pattern(documented, values)}([,\\]])`, "y");

const pattern = ({ raw }: TemplateStringsArray, values: readonly string[]): string =>
  String.raw({ raw: raw.map(RegExp.escape) }, ...values);

/** What `Date.parse` makes of a `MOMENT`, in half the time. ms since 1970, fractions cut off. */
export function utcMs(moment: string): number {
  const day = twoDigits(moment, 8);
  // Whether a month has this day, the parser knows.
  if (day > 28) return Date.parse(moment);
  return Date.UTC(
    100 * twoDigits(moment, 0) + twoDigits(moment, 2),
    twoDigits(moment, 5) - 1,
    day,
    twoDigits(moment, 11),
    twoDigits(moment, 14),
    twoDigits(moment, 17),
    10 * twoDigits(moment, 20) + digit(moment, 22),
  );
}

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const twoDigits = (text: string, at: number): number => 10 * digit(text, at) + digit(text, at + 1);

/** V8 copies shorter parts of a text; longer ones point into it. */
const SHORTEST_SLICE = 13;

/** A copy of a part that is kept for longer than its text, which it would keep in memory. */
export const copied = (part: string): string =>
  part.length < SHORTEST_SLICE ? part : ` ${part}`.slice(1);
