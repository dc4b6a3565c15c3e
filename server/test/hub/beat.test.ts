import { expect, it } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { createLoop } from "../../src/hub/loop.ts";

it("asks for no timer in the past, though time goes on while it reckons and a beat was missed", () => {
  let now = 0;
  const asked: number[] = [];
  let run = () => {};
  const clock: Clock = {
    now: () => now++,
    after(ms, fn) {
      asked.push(ms);
      run = fn;
      return () => {};
    },
    soon: () => () => {},
  };
  const loop = createLoop<never>(100, clock, () => {});
  loop.seat("all");
  now = 1000;
  run();
  run();
  expect(asked).toHaveLength(3);
  expect(Math.min(...asked)).toBeGreaterThanOrEqual(0);
});
