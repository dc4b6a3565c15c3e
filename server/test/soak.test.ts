import fc from "fast-check";
import { expect, it } from "vitest";
import { ALLOWED, assess, type Sample } from "../bench/soak/measures.ts";
import { judge, type Point, trendOf } from "../bench/soak/slope.ts";
import { random } from "../src/emulator/random.ts";

const MINUTE_MS = 60_000;

/** Ten minutes, a value each 10 s. */
const points = (value: (hour: number, n: number) => number): Point[] =>
  Array.from({ length: 60 }, (_, n) => ({ atMs: n * 10_000, value: value(n / 360, n) }));

const trend = (given: Point[]) => {
  const found = trendOf(given);
  if (!found) throw new Error("no trend");
  return found;
};

/** Like a normal distribution, by the sum of twelve: mean 0, standard deviation 1. */
const noise = (seed: number) => {
  const rng = random(seed);
  return () => Array.from({ length: 12 }, rng.next).reduce((sum, next) => sum + next, -6);
};

it("finds the slope of a line exactly, wherever it begins", () => {
  const whole = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(whole, whole, whole, (slope, start, at) => {
      const line = points((hour) => start + slope * hour).map((point) => ({
        ...point,
        atMs: point.atMs + at * MINUTE_MS,
      }));
      const { perHour, noise, first } = trend(line);
      expect(perHour).toBeCloseTo(slope, 6);
      expect(first).toBeCloseTo(start, 6);
      expect(noise).toBeCloseTo(0, 6);
    }),
  );
});

it("has the true slope within what it says to be uncertain of, 95 times of 100 or so", () => {
  let within = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = noise(seed);
    const { perHour, uncertainty } = trend(points((hour) => 40 + 3 * hour + random()));
    if (Math.abs(perHour - 3) <= uncertainty) within++;
  }
  expect(within).toBeGreaterThanOrEqual(180);
  expect(within).toBeLessThan(200);
});

it("is less certain where each value is like the one before", () => {
  const wander = () => {
    const step = noise(3);
    let value = 0;
    return () => {
      value = 0.9 * value + step();
      return value;
    };
  };
  const [alone, alike] = [noise(3), wander()];
  const independent = trend(points(alone));
  const wandering = trend(points(alike));
  const ratio = ({ uncertainty, noise }: typeof wandering) => uncertainty / noise;
  expect(ratio(wandering)).toBeGreaterThan(2 * ratio(independent));
});

it("calls it growth only beyond doubt, and steady only beyond doubt", () => {
  const sure = { samples: 60, first: 0, last: 0, noise: 1, uncertainty: 1 };
  expect(judge({ ...sure, perHour: 3.1 }, 2)).toBe("grows");
  expect(judge({ ...sure, perHour: 2.9 }, 2)).toBe("open");
  expect(judge({ ...sure, perHour: 1.1 }, 2)).toBe("open");
  expect(judge({ ...sure, perHour: 0.9 }, 2)).toBe("steady");
  expect(judge({ ...sure, perHour: -50 }, 2)).toBe("steady");
});

it("says nothing of a handful of values", () => {
  expect(trendOf(points(() => 1).slice(0, 7))).toBeUndefined();
});

const calm: Sample = {
  atMs: 0,
  heapMiB: 40,
  buffersMiB: 5,
  rssMiB: 140,
  handles: 30,
  eventLoopP99Ms: 5,
  ageMs: 120,
  ownP99Ms: 10,
};
const run = (change: (minute: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 60 }, (_, n) => {
    const minute = n / 6;
    return { ...calm, atMs: minute * MINUTE_MS, ...change(minute) };
  });
const verdicts = (samples: Sample[]) =>
  Object.fromEntries(assess(samples).map(({ measure, verdict }) => [measure, verdict]));

it("finds what leaks, and nothing else", () => {
  const rng = noise(1);
  const leaky = run((minute) => ({ heapMiB: 40 + 0.5 * minute + 0.2 * rng() }));
  expect(verdicts(leaky)).toEqual({
    heapMiB: "grows",
    buffersMiB: "steady",
    rssMiB: "steady",
    handles: "steady",
    eventLoopP99Ms: "steady",
    ageMs: "steady",
  });
  expect(Object.keys(verdicts(leaky))).toEqual(Object.keys(ALLOWED));
});

it("does not take the growth of the first minutes for a leak", () => {
  const settling = run((minute) => ({ heapMiB: minute < 4 ? 28 + 3 * minute : 40 }));
  expect(verdicts(settling).heapMiB).toBe("steady");
});

it("does not take for a leak what grows ever more slowly", () => {
  const rng = noise(2);
  const settling = run((minute) => ({
    heapMiB: 41 - 100 * Math.exp(-minute / 1.2) + 0.02 * rng(),
  }));
  expect(verdicts(settling).heapMiB).toBe("open");
  const leaking = run((minute) => ({ heapMiB: 40 + 0.5 * minute + 0.02 * rng() }));
  expect(verdicts(leaking).heapMiB).toBe("grows");
});

it("finds a leak though much was let go at once meanwhile, and none where that is all", () => {
  const rng = noise(5);
  const dropping = (leak: number) =>
    run((minute) => ({ heapMiB: 40 + leak * minute - (minute > 7.2 ? 6 : 0) + 0.05 * rng() }));
  expect(verdicts(dropping(0.5)).heapMiB).toBe("grows");
  expect(verdicts(dropping(0)).heapMiB).toBe("steady");
});

it("does not hold against the gateway what the machine does to all", () => {
  const late = (ownP99Ms: number) =>
    verdicts(run((minute) => ({ eventLoopP99Ms: 50 * minute, ageMs: 500 * minute, ownP99Ms })));
  expect(late(150)).toMatchObject({ eventLoopP99Ms: "open", ageMs: "open" });
  expect(late(10)).toMatchObject({ eventLoopP99Ms: "grows", ageMs: "grows" });
});

it("goes by the values there are where clients got no price for a while", () => {
  const dark = run((minute) => (minute > 5 && minute < 6 ? { ageMs: Number.NaN } : {}));
  expect(verdicts(dark).ageMs).toBe("steady");
  expect(verdicts(run(() => ({ ageMs: Number.NaN }))).ageMs).toBe("open");
});
