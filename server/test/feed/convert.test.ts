import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consensus } from "../../src/feed/price/consensus.ts";
import { convert, factor, midpoint } from "../../src/feed/price/convert.ts";
import { isPrice } from "../../src/sources/reading.ts";

/** A decimal of so many digits with the point somewhere. */
const decimal = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.nat({ max: 10 }))
  .map(([digits, decimals]) => {
    const text = digits.toString().padStart(decimals + 1, "0");
    const at = text.length - decimals;
    return decimals === 0 ? text : `${text.slice(0, at)}.${text.slice(at)}`;
  });

const scaled = (text: string): [bigint, number] => {
  const [whole = "", fraction = ""] = text.split(".");
  return [BigInt(whole + fraction), fraction.length];
};

describe("converting a price", () => {
  it.each([
    ["97123.41000000", "0.9995", "97074.848295000"],
    ["0.00000012", "0.9995", "0.00000011994"],
    ["81414.8", "1.0003", "81439.2"],
    ["5", "0.96", "4.8"],
    ["100", "1", "100"],
  ])("%s at %s is %s", (price, rate, usd) => {
    expect(Number(convert(price, factor(rate)))).toBe(Number(usd));
    expect(convert(price, factor(rate))).toMatch(/^\d+(\.\d+)?$/);
  });

  it("is exact to within half a unit of its last digit, and always a price", () => {
    fc.assert(
      fc.property(decimal, decimal, (price, rate) => {
        const result = convert(price, factor(rate));
        fc.pre(isPrice(result));
        const [[p, pd], [r, rd], [q, qd]] = [scaled(price), scaled(rate), scaled(result)];
        const exact = p * r * 10n ** BigInt(qd);
        const got = q * 10n ** BigInt(pd + rd);
        const off = exact > got ? exact - got : got - exact;
        const wholeZeros = BigInt(result.includes(".") ? 0 : (/0*$/.exec(result)?.[0].length ?? 0));
        expect(2n * off <= 10n ** (BigInt(pd + rd) + wholeZeros)).toBe(true);
      }),
    );
  });

  it("finds the exact middle of two prices", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [[x, xd], [y, yd], [m, md]] = [scaled(a), scaled(b), scaled(midpoint(a, b))];
        const most = BigInt(Math.max(xd, yd, md));
        const at = (value: bigint, decimals: number) => value * 10n ** (most - BigInt(decimals));
        expect(2n * at(m, md)).toBe(at(x, xd) + at(y, yd));
      }),
    );
  });
});

describe("consensus", () => {
  const values = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), {
    minLength: 1,
    maxLength: 9,
  });

  it("always finds a middle among those that agree, whatever the order", () => {
    fc.assert(
      fc.property(values, (prices) => {
        const { agreeing, middle } = consensus(prices);
        expect(agreeing.length).toBeGreaterThan(0);
        for (const index of middle) expect(agreeing).toContain(index);
        const reversed = consensus(prices.toReversed());
        const told = (found: typeof middle, of: number[]) => found.map((index) => of[index]);
        expect(told(reversed.middle, prices.toReversed())).toEqual(told(middle, prices));
      }),
    );
  });

  it("is not moved by a minority, however far off", () => {
    const honest = fc.array(fc.double({ min: 99, max: 101, noNaN: true }), {
      minLength: 5,
      maxLength: 7,
    });
    const liars = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), { maxLength: 2 });
    fc.assert(
      fc.property(honest, liars, (good, bad) => {
        const all = [...bad, ...good];
        for (const index of consensus(all).middle) {
          expect(all[index]).toBeGreaterThanOrEqual(99);
          expect(all[index]).toBeLessThanOrEqual(101);
        }
      }),
    );
  });
});
