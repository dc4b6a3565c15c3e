import fc from "fast-check";

/** A string, a number or a literal of a JSON text, keys included. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g;

/** Deeper than a stack can follow. */
const DEPTH = 10_000;

/** What stands where another value, or another key, should. */
const intruders = fc.oneof(
  fc.json(),
  fc.constantFrom(
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '{"__proto__":{"price":"1"}}',
    '{"toString":1,"valueOf":2}',
    "1e999",
    "-1e-999",
    "123456789012345678901234567890",
    '"NaN"',
    '"1e5"',
    '"-1"',
    '"0"',
    '""',
    "[]",
    "{}",
    "[".repeat(DEPTH) + "]".repeat(DEPTH),
    `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`,
  ),
);

/** Texts that no exchange should send: chance ones, and `frames` with bytes and values exchanged. */
export function hostileFrames(frames: readonly string[]): fc.Arbitrary<string> {
  const frame = fc.constantFrom(...frames);
  const cut = fc
    .tuple(frame, fc.nat(), fc.string())
    .map(([text, at, put]) => splice(text, at % text.length, 1, put));
  const swapped = fc
    .tuple(frame, fc.array(fc.tuple(fc.nat(), intruders), { minLength: 1, maxLength: 3 }))
    .map(([text, swaps]) => swaps.reduce(swap, text));
  return fc.oneof(fc.string(), fc.json(), cut, { weight: 4, arbitrary: swapped });
}

function swap(text: string, [pick, intruder]: [number, string]): string {
  const tokens = [...text.matchAll(TOKEN)];
  const token = tokens[pick % Math.max(1, tokens.length)];
  return token ? splice(text, token.index, token[0].length, intruder) : text;
}

const splice = (text: string, at: number, length: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + length);
