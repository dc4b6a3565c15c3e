import fc from "fast-check";
import { expect, it } from "vitest";
import { createDayMemory } from "../src/book/day.ts";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;
/** Some midnight. */
const T0 = 20_000 * DAY;

it("tells no change before 24 hours have been seen, and then the change since", () => {
  const days = createDayMemory();
  for (let at = 0; at <= DAY + QUARTER; at += MINUTE) {
    days.record("bitcoin", 100 + at / DAY, T0 + at + 1);
    const change = days.change("bitcoin", T0 + at + 1);
    if (at < DAY + QUARTER) expect(change, `after ${at / MINUTE} min`).toBeUndefined();
    else expect(change).toBeCloseTo(1, 1);
  }
});

it("keeps the assets apart, and forgets them all on demand", () => {
  const days = createDayMemory();
  for (let at = 0; at <= DAY + QUARTER; at += QUARTER) {
    days.record("bitcoin", at === 0 ? 100 : 150, T0 + at);
    days.record("ethereum", at === 0 ? 100 : 50, T0 + at);
  }
  expect(days.change("bitcoin", T0 + DAY + QUARTER)).toBe(50);
  expect(days.change("ethereum", T0 + DAY + QUARTER)).toBe(-50);
  expect(days.change("tether", T0 + DAY)).toBeUndefined();
  days.clear();
  expect(days.change("bitcoin", T0 + DAY + QUARTER)).toBeUndefined();
});

it("does not pass an older price off for that of 24 h ago, when nobody told one then", () => {
  const days = createDayMemory();
  days.record("bitcoin", 100, T0);
  days.record("bitcoin", 100, T0 + 2 * QUARTER);
  days.record("bitcoin", 200, T0 + 8 * QUARTER);
  for (let at = 9 * QUARTER; at <= DAY + 8 * QUARTER; at += QUARTER) {
    days.record("bitcoin", 200, T0 + at);
  }
  days.record("bitcoin", 300, T0 + DAY + 5 * QUARTER);
  expect(days.change("bitcoin", T0 + DAY + 5 * QUARTER)).toBeUndefined();
});

it("starts over after a silence of days", () => {
  const days = createDayMemory();
  days.record("bitcoin", 100, T0);
  days.record("bitcoin", 200, T0 + 5 * DAY);
  expect(days.change("bitcoin", T0 + 5 * DAY)).toBeUndefined();
  expect(days.change("bitcoin", T0 + 6 * DAY + QUARTER)).toBeUndefined();
});

it("agrees with one that keeps every price, whatever comes when", () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 3 * 60 * MINUTE }),
    price: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const days = createDayMemory();
      const all: { at: number; price: number }[] = [];
      let now = T0;
      for (const { after, price } of steps) {
        now += after;
        days.record("bitcoin", price, now);
        all.push({ at: now, price });
        const then = Math.floor(now / QUARTER) * QUARTER - DAY;
        const inForce = all.findLast(({ at }) => at < then);
        const known = inForce && inForce.at >= then - QUARTER ? inForce.price : undefined;
        const change = days.change("bitcoin", now);
        if (known === undefined) expect(change).toBeUndefined();
        else expect(change).toBeCloseTo((price / known - 1) * 100, 9);
      }
    }),
  );
});
