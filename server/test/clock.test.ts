import { expect, it } from "vitest";
import { createSystemClock } from "../src/clock.ts";

it("tells the wall clock's time, and goes on as before where that is set back", () => {
  let [wall, steady] = [1_000_000, 50];
  const clock = createSystemClock(
    () => wall,
    () => steady,
  );
  const pass = (ms: number) => {
    wall += ms;
    steady += ms;
  };
  expect(clock.now()).toBe(1_000_000);
  pass(2500);
  expect(clock.now()).toBe(1_002_500);
  wall -= 600_000;
  pass(1000);
  expect(clock.now()).toBe(1_003_500);
  wall += 660_000;
  pass(1000);
  expect(clock.now()).toBe(1_064_500);
});
