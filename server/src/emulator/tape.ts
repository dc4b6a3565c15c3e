import { rounded } from "./decimals.ts";
import type { Market } from "./market.ts";
import type { Pair } from "./pairs.ts";
import { lot, random } from "./random.ts";

/** One trade of one pair, with its 24 hours, in the quote currency. */
export type PairTick = {
  pair: Pair;
  /** What is written for the pair: its own symbol, except under a fault. */
  symbol: string;
  last: number;
  open: number;
  high: number;
  low: number;
  /** In units of the base. */
  volume: number;
  /** In units of the quote. */
  quoteVolume: number;
  /** Ms since 1970. */
  time: number;
  /** Written in place of the price: only under a fault. */
  written?: string | number | null;
  /** What the exchange itself holds true: only under a fault. */
  truth?: PairTick;
};

/** What one exchange sees of the market. */
export type Tape = {
  /** The trades of this step: each pair now and then, the largest each time. */
  step(now: number): PairTick[];
};

export type TapeOptions = {
  market: Market;
  pairs: readonly Pair[];
  seed: number;
  /** Share of the world's trading that happens here. */
  share: number;
  /** How often `step` is called, ms. */
  tickMs: number;
};

/** Assets up to this rank trade at each step. */
const MAJOR_RANK = 25;

/** The others trade every few steps, on average at most so many; and so often in ms. */
const LONGEST_STEPS = 12;
const LONGEST_MS = 12_000;

/** How far an exchange's price is from the market's: always, and from trade to trade. */
export const BASIS = 0.0002;
export const NOISE = 0.0001;

type Entry = { pair: Pair; basis: number; share: number };

export function createTape({ market, pairs, seed, share, tickMs }: TapeOptions): Tape {
  const rng = random(seed);
  const ranks = new Map(market.assets.map(({ id, rank }) => [id, rank]));
  const entries = pairs
    .filter(({ active }) => active)
    .map((pair) => ({
      pair,
      everyMs: pauseOf(ranks.get(pair.asset) ?? Infinity, tickMs),
      basis: 1 + BASIS * (2 * lot(`${seed} ${pair.symbol}`) - 1),
      share: share * (0.2 + 0.8 * lot(`${pair.symbol} volume`)),
      // Each pair trades at its own moment of the step.
      agoMs: Math.floor(lot(pair.symbol) * Math.min(200, tickMs)),
      dueAt: 0,
    }));

  return {
    step(now) {
      const ticks: PairTick[] = [];
      for (const entry of entries) {
        if (entry.dueAt > now) continue;
        entry.dueAt = now + entry.everyMs * (0.5 + rng.next());
        const noise = 1 + NOISE * (2 * rng.next() - 1);
        const tick = tickOf(market, entry, noise);
        if (tick) ticks.push({ ...tick, time: now - entry.agoMs });
      }
      return ticks;
    },
  };
}

/** Average pause between two trades of an asset of this rank, ms; 0 is at each step. */
function pauseOf(rank: number, tickMs: number): number {
  if (rank <= MAJOR_RANK) return 0;
  const steps = Math.min(LONGEST_STEPS, 2 * Math.log2(rank / MAJOR_RANK) + 1);
  return Math.min(LONGEST_MS, steps * tickMs);
}

/** The market in one pair. Of two moving prices the extremes are only bounded, never overshot. */
function tickOf(market: Market, { pair, basis, share }: Entry, noise: number) {
  const price = market.price(pair.asset);
  const day = market.day(pair.asset);
  const unit = market.unit(pair.quote);
  if (price === undefined || !day || !unit) return undefined;
  const exact = (value: number) =>
    pair.decimals === undefined ? value : rounded(value, pair.decimals);
  const mid = (price / unit.price) * basis;
  const start = (day.open / unit.day.open) * basis;
  const top = Math.max(start, mid) * (day.high / Math.max(day.open, price));
  const bottom = Math.min(start, mid) * (day.low / Math.min(day.open, price));
  const last = exact(mid * noise);
  const open = exact(start);
  const high = Math.max(exact(top), last);
  const low = Math.min(exact(bottom), last);
  const volume = day.volume * share;
  const quoteVolume = volume * ((open + high + low + last) / 4);
  return { pair, symbol: pair.symbol, last, open, high, low, volume, quoteVolume };
}
