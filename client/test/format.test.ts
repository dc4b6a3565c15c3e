import fc from "fast-check";
import { expect, it } from "vitest";
import { formatAmount, formatChange, formatPrice } from "../src/format.ts";

it.each([
  ["97123.4", "97,123.40"],
  ["1234567.899", "1,234,567.89"],
  ["1000", "1,000.00"],
  ["182.4567", "182.45"],
  ["45.5", "45.5000"],
  ["1", "1.0000"],
  ["0.99961", "0.9996"],
  ["0.5", "0.5000"],
  ["0.0412345", "0.04123"],
  ["0.0000275333", "0.00002753"],
  ["0.00000012", "0.00000012"],
  ["0.000000000000123456", "0.0000000000001234"],
])("writes %s as %s", (price, text) => {
  expect(formatPrice(price)).toBe(text);
});

const digits = (most: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: most });
/** Decimal strings above 0, as exchanges write them. */
const price = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), digits(18))
  .map(([whole, fraction]) => `${whole}.${fraction}`)
  .filter((text) => /[1-9]/.test(text));

it("invents no digit, keeps at least the first three that count, and writes no exponent", () => {
  fc.assert(
    fc.property(price, (given) => {
      const shown = formatPrice(given).replaceAll(",", "");
      expect(shown).toMatch(/^\d+\.\d+$/);
      expect(given.padEnd(40, "0").startsWith(shown)).toBe(true);
      expect(Number(given) - Number(shown)).toBeLessThan(Number(given) / 100);
    }),
  );
});

it("gives prices of one magnitude the same width, so that a tick moves nothing", () => {
  const whole = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(whole, digits(12), digits(12), (length, one, other) => {
      const text = (fraction: string) => formatPrice(`${"7".repeat(length)}.${fraction}`);
      expect(text(one)).toHaveLength(text(other).length);
    }),
  );
});

it("writes a dollar sign only where the price is in dollars", () => {
  expect(formatAmount({ price: "97123.41", quote: "USD" })).toBe("$97,123.41");
  expect(formatAmount({ price: "97123.41", quote: "USDT" })).toBe("97,123.41 USDT");
});

it("tells the direction of a change by its sign, and none where none is left after rounding", () => {
  expect([1.25, -1.254, 0, -0.001].map(formatChange)).toEqual([
    "+1.25 %",
    "−1.25 %",
    "0.00 %",
    "0.00 %",
  ]);
});
