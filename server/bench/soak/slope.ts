/** What was measured, and when, ms from any start. */
export type Point = { atMs: number; value: number };

export type Trend = {
  samples: number;
  /** What the line through all points says of the first and the last moment. */
  first: number;
  last: number;
  perHour: number;
  /** The slope is right within this, with 95 % confidence, per hour. */
  uncertainty: number;
  /** How far single values are from the line: standard deviation. */
  noise: number;
};

/**
 * `grows`: faster than is allowed, for certain. `steady`: slower, for certain. `open`: the run was too
 * short, or the noise too great, to tell.
 */
export type Verdict = "steady" | "open" | "grows";

const HOUR_MS = 3_600_000;
/** Of a normal distribution, 95 % is within so many standard deviations. */
const CONFIDENCE = 1.96;
/** Fewer points say nothing of a trend. */
const LEAST_POINTS = 8;

/** A fall by so many times of what values usually differ from the one before is no noise. */
const FALL = 10;

/**
 * The line of least squares. What is measured of one process is alike from one moment to the next, which
 * makes a slope look more certain than it is: points count by how much they tell besides the one before.
 * Where something was let go for good, the line goes on from there: else one fall would hide a leak.
 * @returns undefined for too few points
 * @see https://doi.org/10.1029/1999JD901105 Santer et al. 2000, section 4: effective sample size
 */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < LEAST_POINTS) return undefined;
  const fall = fallAt(points);
  const parts = [points.slice(0, fall), points.slice(fall)].filter((part) => part.length > 0);
  const placed = parts.flatMap((part) => {
    const hours = part.map(({ atMs }) => (atMs - first.atMs) / HOUR_MS);
    const [hour, level] = [mean(hours), mean(part.map(({ value }) => value))];
    return part.map(({ value }, n) => ({ x: (hours[n] ?? 0) - hour, y: value - level, level }));
  });
  const spread = sum(placed.map(({ x }) => x ** 2));
  const perHour = sum(placed.map(({ x, y }) => x * y)) / spread;
  const residuals = placed.map(({ x, y }) => y - perHour * x);
  const squares = sum(residuals.map((residual) => residual ** 2));
  const alike = Math.max(0, lagOne(residuals, squares));
  const tells = Math.max(3, (points.length * (1 - alike)) / (1 + alike));
  const at = ({ x, level } = { x: 0, level: 0 }) => level + perHour * x;
  return {
    samples: points.length,
    first: at(placed[0]),
    last: at(placed.at(-1)),
    perHour,
    uncertainty: CONFIDENCE * Math.sqrt(squares / (tells - 2) / spread),
    noise: Math.sqrt(squares / (points.length - 2)),
  };
}

/** Index of the value before which all are higher by far; 0 where there is none. */
function fallAt(points: readonly Point[]): number {
  const steps = points.slice(1).map(({ value }, n) => value - (points[n]?.value ?? value));
  const usual = steps.map(Math.abs).sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const deepest = Math.min(...steps);
  return deepest < -FALL * usual && deepest < 0 ? steps.indexOf(deepest) + 1 : 0;
}

/** @param allowed growth per hour */
export function judge({ perHour, uncertainty }: Trend, allowed: number): Verdict {
  if (perHour - uncertainty > allowed) return "grows";
  return perHour + uncertainty > allowed ? "open" : "steady";
}

/** Judges all points. It is growth only if their later half grows too: what settles slows down, a leak does not. */
export function verdictOn(points: readonly Point[], allowed: number): Verdict {
  const [all, later] = [trendOf(points), trendOf(points.slice(Math.ceil(points.length / 2)))];
  const verdict = all ? judge(all, allowed) : "open";
  if (verdict !== "grows") return verdict;
  return later && judge(later, allowed) === "grows" ? "grows" : "open";
}

/** How much residuals are like the one before: 1 exactly, 0 not at all. */
function lagOne(residuals: readonly number[], squares: number): number {
  if (squares === 0) return 0;
  return sum(residuals.slice(1).map((value, n) => value * (residuals[n] ?? 0))) / squares;
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
