/** The last 24 hours of one series, in USD. `volume` counts units, `turnover` USD. */
export type Day = { open: number; high: number; low: number; volume: number; turnover: number };

export const DAY_MS = 86_400_000;

/** The window rolls on by a quarter of an hour at a time. */
const BARS = 96;
export const BAR_MS = DAY_MS / BARS;

/** Rolling 24 h statistics of many series, told apart by their index. */
export type Days = {
  /** Begins new bars, at `prices`, for the time that has passed. */
  roll(now: number, prices: Float64Array): void;
  /** Adds what one series did since the last record. */
  record(series: number, price: number, volume: number): void;
  of(series: number): Day;
};

/** Starts at `now`, ms, with an empty past: each series opens at its price. */
export function createDays(now: number, prices: Float64Array): Days {
  const cells = () => new Float64Array(prices.length * BARS);
  const [open, high, low, volume, turnover] = [cells(), cells(), cells(), cells(), cells()];
  let latest = Math.floor(now / BAR_MS);

  const begin = (bar: number, at: Float64Array) => {
    at.forEach((price, series) => {
      const cell = series * BARS + (bar % BARS);
      open[cell] = price;
      high[cell] = price;
      low[cell] = price;
      volume[cell] = 0;
      turnover[cell] = 0;
    });
  };
  for (let bar = latest - BARS + 1; bar <= latest; bar++) begin(bar, prices);

  return {
    roll(time, at) {
      const current = Math.floor(time / BAR_MS);
      for (let bar = Math.max(latest + 1, current - BARS + 1); bar <= current; bar++)
        begin(bar, at);
      latest = Math.max(latest, current);
    },
    record(series, price, traded) {
      const cell = series * BARS + (latest % BARS);
      high[cell] = Math.max(high[cell] ?? price, price);
      low[cell] = Math.min(low[cell] ?? price, price);
      volume[cell] = (volume[cell] ?? 0) + traded;
      turnover[cell] = (turnover[cell] ?? 0) + traded * price;
    },
    of(series) {
      const first = series * BARS;
      const oldest = first + ((latest + 1) % BARS);
      const day = { open: open[oldest] ?? 0, high: 0, low: Infinity, volume: 0, turnover: 0 };
      for (let cell = first; cell < first + BARS; cell++) {
        day.high = Math.max(day.high, high[cell] ?? 0);
        day.low = Math.min(day.low, low[cell] ?? Infinity);
        day.volume += volume[cell] ?? 0;
        day.turnover += turnover[cell] ?? 0;
      }
      return day;
    },
  };
}
