import { expect, it } from "vitest";
import { formatAge, formatUsd } from "../src/format.ts";

it("shortens sums to three digits", () => {
  expect([39_812_345_678, 1_200_000, 950].map(formatUsd)).toEqual(["$39.8B", "$1.20M", "$950"]);
});

it("tells an age in the largest unit that is still exact enough, never as younger than a unit", () => {
  const ages = [0, 1999, 2000, 119_999, 120_000, 7_200_000, 172_800_000].map(formatAge);
  expect(ages).toEqual(["now", "now", "2 s", "119 s", "2 min", "2 h", "2 d"]);
});
