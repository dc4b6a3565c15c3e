import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { binance } from "../../src/sources/binance.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { MOMENT, utcMs } from "../../src/sources/spelling.ts";
import type { SourceEvent } from "../../src/types.ts";

/** Values as the exchanges write them, and others that only look so. */
const integer = fc.oneof(fc.nat(), fc.maxSafeNat());
const decimal = fc.tuple(fc.nat(), fc.nat(99_999_999)).map(([a, b]) => `${a}.${b}`);
const text = fc.oneof(decimal, fc.string({ unit: "binary" }), fc.constantFrom("0", "NaN", "币安"));
const odd = fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() });

const miniTicker = fc.record({
  e: fc.constant("24hrMiniTicker"),
  E: integer,
  s: text,
  c: odd,
  o: odd,
  h: text,
  l: text,
  v: text,
  q: odd,
});
const ticker = fc.record({
  type: fc.constant("ticker"),
  sequence: integer,
  product_id: text,
  price: odd,
  open_24h: odd,
  volume_24h: odd,
  low_24h: text,
  high_24h: text,
  volume_30d: text,
  best_bid: text,
  best_bid_size: text,
  best_ask: text,
  best_ask_size: text,
  side: text,
  time: fc.oneof(
    text,
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  ),
  trade_id: integer,
  last_size: text,
});

const SOURCES = [
  { source: binance, value: fc.array(miniTicker, { maxLength: 3 }) },
  { source: coinbase, value: ticker },
];

const DAMAGES = [
  "",
  " ",
  "\t",
  ",",
  ":",
  "[",
  "]",
  "{",
  "}",
  '"',
  "\\",
  "0",
  "-",
  ".5",
  ',"c":"1"',
];

/** A frame with a character or two replaced at one of its joints, mostly so that it is no JSON. */
const damaged = (value: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      value.map((value) => JSON.stringify(value)),
      fc.nat(),
      fc.nat(2),
      fc.constantFrom(...DAMAGES),
    )
    .map(([frame, which, length, inserted]) => {
      const joints = [...frame.matchAll(/(?<=["{}[\],:]|^)|$/g)].map(({ index }) => index);
      const start = joints[which % joints.length] ?? 0;
      return frame.slice(0, start) + inserted + frame.slice(start + length);
    });

/** White space is none of the documented spelling: such a frame goes through `JSON.parse`. */
const byParser = (frame: string) => ` ${frame} `;

/** Without the excerpt of the frame, which tells the white space. */
const meaning = (event: SourceEvent) =>
  event.kind === "bad" ? { kind: event.kind, reason: event.rejection.reason } : event;

describe.each(SOURCES)("$source.name, where the spelling is the documented one", (row) => {
  const { source, value } = row;
  const readsAlike = (frame: string) => {
    expect(meaning(source.read(frame))).toEqual(meaning(source.read(byParser(frame))));
  };

  it("reads what JSON.parse would read, whatever the values", () => {
    const frames = value.map((value) => JSON.stringify(value));
    fc.assert(fc.property(frames, readsAlike), { numRuns: 1000 });
  });

  it("takes nothing that JSON.parse would refuse or read otherwise", () => {
    fc.assert(fc.property(damaged(value), readsAlike), { numRuns: 5000 });
  });
});

const MINI_TICKER =
  '{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.00250000","o":"0.00100000","h":"0.00250000","l":"0.00100000","v":"10000","q":"18"}';
const TICKER =
  '{"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79","low_24h":"1280.52","high_24h":"1313.8","volume_30d":"9788783.6","best_bid":"1285.04","best_bid_size":"0.46","best_ask":"1285.27","best_ask_size":"1.56","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"}';

it.each([
  { source: binance, frame: `[${MINI_TICKER},${MINI_TICKER}]` },
  { source: coinbase, frame: TICKER },
])("does without JSON.parse for the documented frame of $source.name", ({ source, frame }) => {
  const parse = vi.spyOn(JSON, "parse");
  try {
    expect(source.read(frame).kind).toBe("ticks");
    expect(parse).not.toHaveBeenCalled();
  } finally {
    parse.mockRestore();
  }
});

it("keeps the volumes of 24 hours as Binance and Coinbase wrote them", () => {
  expect(binance.read(`[${MINI_TICKER}]`)).toMatchObject({ ticks: [{ quoteVolume24h: "18" }] });
  expect(coinbase.read(TICKER)).toMatchObject({ ticks: [{ baseVolume24h: "245532.79" }] });
});

it("does not keep a whole frame of Binance in memory for the sake of one price", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const frameOf = (n: number) =>
    JSON.stringify(
      Array.from({ length: 5000 }, () => ({
        e: "24hrMiniTicker",
        E: n,
        s: "1000CHEEMSUSDT",
        c: `123456.${n}0000000`,
        o: `123456.${n}0000000`,
        h: "1",
        l: "1",
        v: "1",
        q: `123456789.${n}0000000`,
      })),
    );
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: 40 }, (_, n) => {
    const event = binance.read(frameOf(n));
    return event.kind === "ticks" ? event.ticks[0] : undefined;
  });
  collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  expect(kept.every((tick) => tick?.price)).toBe(true);
  // The frames are 700 kB each.
  expect(grown).toBeLessThan(5_000_000);
});

it("reads a moment as Date.parse does, leap days and ends of months included", () => {
  const pad = (value: number, digits: number) => String(value).padStart(digits, "0");
  const moment = fc
    .tuple(
      fc.integer({ min: 1000, max: 9999 }),
      fc.nat(11),
      fc.nat(30),
      fc.nat(23),
      fc.nat(59),
      fc.nat(59),
      fc.nat(999_999),
    )
    .map(
      ([year, month, day, hour, minute, second, micros]) =>
        `${pad(year, 4)}-${pad(month + 1, 2)}-${pad(day + 1, 2)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(micros, 6)}Z`,
    );
  fc.assert(
    fc.property(moment, (text) => {
      expect(new RegExp(`^${MOMENT}$`).test(`"${text}"`)).toBe(true);
      expect(utcMs(text)).toBe(Date.parse(text));
    }),
    { numRuns: 2000 },
  );
});
