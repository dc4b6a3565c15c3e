import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExact, plainDecimal } from "../../src/sources/decimals.ts";
import { kraken } from "../../src/sources/kraken.ts";

const ticker = (fields: string) =>
  kraken.read(`{"channel":"ticker","type":"update","data":[{"symbol":"X/USD",${fields}}]}`);

describe("a price that is a number", () => {
  it.each([
    ["103.0", "103.0"],
    ["1.00000", "1.00000"],
    ["0.1", "0.1"],
    ["97123.41000000000000001", "97123.41000000000000001"],
    ["1e-7", "0.0000001"],
    ["1.20E-3", "0.00120"],
    ["6.203e-05", "0.00006203"],
    ["2.5e1", "25"],
    ["1.5e+3", "1500"],
  ])("of the text %s is %s, digit for digit", (text, price) => {
    expect(ticker(`"last":${text}`)).toMatchObject({ ticks: [{ symbol: "X/USD", price }] });
  });

  it.each([
    ["0"],
    ["0.0"],
    ["0e5"],
    ["-1.5"],
    ["1e-999999999"],
    ["1e999999999"],
    ["null"],
    ['"1e5"'],
  ])("of the text %s is none", (text) => {
    expect(ticker(`"last":${text}`)).toMatchObject({
      ticks: [],
      rejected: [{ reason: "bad_price" }],
    });
  });

  it("keeps its value without an exponent, whatever the number", () => {
    const digits = fc.string({
      unit: fc.constantFrom(..."0123456789"),
      minLength: 1,
      maxLength: 20,
    });
    const sign = fc.constantFrom("", "-");
    const anyNumber = fc.record({
      sign,
      whole: fc.oneof(fc.constant("0"), fc.bigInt(1n, 10n ** 20n).map(String)),
      fraction: fc.option(digits, { nil: undefined }),
      exponent: fc.integer({ min: -30, max: 30 }),
    });
    fc.assert(
      fc.property(anyNumber, ({ sign, whole, fraction, exponent }) => {
        const number = `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}`;
        const plain = plainDecimal(`${number}e${exponent}`);
        expect(plain).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
        expect(scaled(plain, 60)).toBe(scaled(number, 60 + exponent));
      }),
    );
  });

  it("stays as it is where it has no exponent", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = String(value);
        fc.pre(!text.includes("e"));
        expect(plainDecimal(text)).toBe(text);
      }),
    );
  });
});

it("keeps the digits of numbers that are too long for a double", () => {
  expect(parseExact('[{"connection_id":12525851468308464523},true,null,"1e5"]')).toEqual([
    { connection_id: "12525851468308464523" },
    true,
    null,
    "1e5",
  ]);
  expect(parseExact("{")).toBeUndefined();
});

it("tells volume, change and time beside the price", () => {
  expect(
    ticker(
      '"last":103.0,"volume":997038.98383185,"change_pct":-0.17,"timestamp":"2026-09-25T09:04:31.742648Z"',
    ),
  ).toMatchObject({
    ticks: [
      {
        price: "103.0",
        baseVolume24h: "997038.98383185",
        change24h: -0.17,
        time: Date.parse("2026-09-25T09:04:31.742Z"),
      },
    ],
  });
});

describe("what is refused", () => {
  it("is the pair that the answer names", () => {
    const answer =
      '{"error":"Currency pair not supported NOPE/USD","method":"subscribe","success":false,"symbol":"NOPE/USD"}';
    expect(kraken.read(answer)).toMatchObject({ kind: "error", symbols: ["NOPE/USD"] });
  });

  it("is no pair where there were too many messages", () => {
    const answer =
      '{"error":"Exceeded msg rate","method":"subscribe","success":false,"symbol":"BTC/USD"}';
    expect(kraken.read(answer)).toEqual({
      kind: "error",
      message: "Exceeded msg rate",
      fatal: false,
    });
  });

  it("is nothing where a pair is subscribed to already", () => {
    const answer =
      '{"error":"Already subscribed","method":"subscribe","success":false,"symbol":"BTC/USD"}';
    expect(kraken.read(answer)).toEqual({ kind: "ack" });
  });
});

it("lists the pairs that trade, by the names that v2 gives them", () => {
  const body = {
    error: [],
    result: {
      XXBTZUSD: { wsname: "XBT/USD", base: "XXBT", quote: "ZUSD", status: "online" },
      XDGUSD: { wsname: "XDG/USD", base: "XXDG", quote: "ZUSD", status: "online" },
      XETHXXBT: { wsname: "ETH/XBT", base: "XETH", quote: "XXBT", status: "online" },
      LOCKUSD: { wsname: "LOCK/USD", base: "LOCK", quote: "ZUSD", status: "cancel_only" },
      OLD: { altname: "OLD", status: "online" },
    },
  };
  expect(kraken.listing.read(body).instruments).toEqual([
    { symbol: "BTC/USD", base: "BTC", quote: "USD" },
    { symbol: "DOGE/USD", base: "DOGE", quote: "USD" },
    { symbol: "ETH/BTC", base: "ETH", quote: "BTC" },
  ]);
  expect(() => kraken.listing.read({ error: ["EService:Unavailable"] })).toThrow(/result/);
});

/** A plain decimal times 10 to the power of `places`; the digits after it must be none. */
function scaled(decimal: string, places: number): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  const missing = places - fraction.length;
  return BigInt(whole + fraction) * 10n ** BigInt(missing);
}
