/**
 * A price whose modified z-score is above this is an outlier: Iglewicz and Hoaglin,
 * https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h.htm
 */
const MOST_Z = 3.5;
/** 0.75 quantile of the standard normal: makes the median absolute deviation comparable to a sigma. */
const NORMAL_QUARTILE = 0.6745;
/**
 * Prices this near to the median, as a part of it, are never outliers: where most sources agree to the
 * cent, the deviation is so small that an honest price would be one.
 */
const NEAR = 0.005;

export type Consensus = {
  /** Indexes of the values that agree, in ascending order of value. */
  agreeing: number[];
  /** Indexes of the one value, or the two, in the middle of those. */
  middle: readonly [number] | readonly [number, number];
};

/**
 * Which of `values` (floats above zero, at least one) agree, and which of them is the median.
 * Outliers are told by their distance from the median in median absolute deviations.
 */
export function consensus(values: readonly number[]): Consensus {
  const at = (index: number): number => values[index] ?? Number.NaN;
  const ascending = [...values.keys()].sort((a, b) => at(a) - at(b));
  const center = medianOf(ascending.map(at));
  const distance = (index: number) => Math.abs(at(index) - center);
  const deviation = medianOf(ascending.map(distance).sort((a, b) => a - b));
  const limit = Math.max((MOST_Z * deviation) / NORMAL_QUARTILE, NEAR * center);
  const agreeing = ascending.filter((index) => distance(index) <= limit);
  return { agreeing, middle: middleOf(agreeing) };
}

function middleOf(sorted: readonly number[]): Consensus["middle"] {
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  const lower = sorted[Math.ceil(half) - 1] ?? upper;
  return lower === upper ? [upper] : [lower, upper];
}

const medianOf = (sorted: readonly number[]): number => {
  const [low, high] = middleOf(sorted);
  return (low + (high ?? low)) / 2;
};
