import { FIAT, seriesOf } from "./currencies.ts";
import { BAR_MS, createDays, DAY_MS, type Day } from "./day.ts";
import { random } from "./random.ts";
import type { MarketAsset } from "./universe.ts";
import { fiatWalk, MARKET_SIGMA, type Walk, walkOf } from "./walk.ts";

/** The truth behind what the emulated exchanges say. All prices in USD. */
export type Market = {
  readonly assets: readonly MarketAsset[];
  /** Price now. */
  price(assetId: string): number | undefined;
  /** The last 24 hours. */
  day(assetId: string): Day | undefined;
  /** What one unit of a quote currency (`USD`, `USDT`, `EUR`, `BTC` …) is worth, now and over the day. */
  unit(code: string): { price: number; day: Day } | undefined;
};

/** A market that somebody moves on. */
export type MovingMarket = Market & {
  /** Moves every price on to `now`, ms since 1970. Earlier times than the last are ignored. */
  step(now: number): void;
};

/** Pegged prices come back to their peg with this time constant, in days: ten minutes. */
const PEG_DAYS = 1 / 144;

/** Turnover of the largest asset in 24 h, USD; it falls with the rank. */
const TOP_TURNOVER = 4e10;

const USD_DAY: Day = { open: 1, high: 1, low: 1, volume: 1, turnover: 1 };

/**
 * A simulated market: one common factor and noise of each asset's own, in logarithms, with 24 hours
 * of the same already lived through at `now` (ms since 1970). Same seed, assets and times: same run.
 */
export function createMarket(
  seed: number,
  assets: readonly MarketAsset[],
  now: number,
): MovingMarket {
  const rng = random(seed);
  const typical = new Map([...assets, ...FIAT].map((series) => [series.id, series.typical]));
  const ids = [...typical.keys()];
  const index = new Map(ids.map((id, series) => [id, series]));
  const walks: Walk[] = [
    ...assets.map((asset) => walkOf(asset, (id) => typical.get(id))),
    ...FIAT.map(fiatWalk),
  ];
  const daily = Float64Array.from(
    ids,
    (id, i) => TOP_TURNOVER / (i + 1) ** 1.2 / (typical.get(id) ?? 1),
  );
  const prices = Float64Array.from(typical.values());
  const gaps = new Float64Array(ids.length);
  let time = now - DAY_MS;
  const days = createDays(time, prices);
  /** Of the series asked for since the last step: many pairs of many exchanges share one. */
  let summed = new Map<number, Day>();

  const seriesAt = (id: string | undefined) => (id === undefined ? undefined : index.get(id));
  const priceOf = (id: string | undefined) => {
    const series = seriesAt(id);
    return series === undefined ? undefined : prices[series];
  };
  const dayOf = (id: string | undefined) => {
    const series = seriesAt(id);
    if (series === undefined) return undefined;
    const day = summed.get(series) ?? days.of(series);
    summed.set(series, day);
    return day;
  };

  const moveFree = (elapsed: number) => {
    const common = MARKET_SIGMA * Math.sqrt(elapsed) * rng.normal();
    walks.forEach((walk, i) => {
      if (walk.kind !== "free") return;
      const noise = walk.own * Math.sqrt(elapsed) * rng.normal();
      prices[i] = (prices[i] ?? 0) * Math.exp(walk.beta * common + noise);
    });
  };
  const movePegged = (elapsed: number) => {
    const kept = Math.exp(-elapsed / PEG_DAYS);
    const fresh = Math.sqrt(1 - kept ** 2);
    walks.forEach((walk, i) => {
      if (walk.kind !== "pegged") return;
      gaps[i] = (gaps[i] ?? 0) * kept + walk.spread * fresh * rng.normal();
      prices[i] = (priceOf(walk.to) ?? 1) * walk.times * Math.exp(gaps[i] ?? 0);
    });
  };

  const step = (to: number) => {
    const elapsed = (to - time) / DAY_MS;
    if (elapsed <= 0) return;
    time = to;
    moveFree(elapsed);
    movePegged(elapsed);
    summed = new Map();
    days.roll(to, prices);
    prices.forEach((price, i) => {
      days.record(i, price, (daily[i] ?? 0) * elapsed * (0.5 + rng.next()));
    });
  };
  while (time < now) step(Math.min(now, time + BAR_MS));

  return {
    assets,
    step,
    price: priceOf,
    day: dayOf,
    unit(code) {
      if (code === "USD") return { price: 1, day: USD_DAY };
      const id = seriesOf(code);
      const price = priceOf(id);
      const day = dayOf(id);
      return price !== undefined && day ? { price, day } : undefined;
    },
  };
}
