/** Numbers of JSON as the sender wrote them, for exchanges that do not write prices as strings. */
import { isRecord } from "./reading.ts";

/** A number is written out up to so many characters; no price is longer. */
const LONGEST = 100;

/**
 * Reads JSON with every number as a plain decimal string: `103.0` is `"103.0"`, `1e-7` is
 * `"0.0000001"`, and a 64-bit integer keeps its digits. Undefined where the text is no JSON.
 */
export function parseExact(text: string): unknown {
  try {
    // The third argument holds the text of a number: TypeScript's own types do not know it yet.
    return JSON.parse(text, (...[, value, context]: unknown[]) =>
      typeof value === "number" && isRecord(context) ? plainDecimal(String(context.source)) : value,
    );
  } catch {
    return undefined;
  }
}

/**
 * A JSON number without its exponent, digit for digit: `1.20e-3` is `0.00120`, `25E1` is `250`. What
 * has none stays as it is, and so does what would be longer than 100 characters.
 */
export function plainDecimal(number: string): string {
  const [, sign, whole, fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(number) ?? [];
  if (whole === undefined) return number;
  const shift = Number(exponent);
  if (number.length + Math.abs(shift) > LONGEST) return number;
  const zeros = "0".repeat(Math.max(0, -shift));
  const point = whole.length + Math.max(0, shift);
  const digits = `${zeros}${whole}${fraction}`.padEnd(point, "0");
  const head = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const tail = digits.slice(point);
  return `${sign}${head}${tail && `.${tail}`}`;
}
