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

/** V8 copies shorter parts of a text; longer ones point into it. */
const SHORTEST_SLICE = 13;

/** A copy of a part that is kept for longer than its text, which it would keep in memory. */
export const copied = (part: string): string =>
  part.length < SHORTEST_SLICE ? part : ` ${part}`.slice(1);
