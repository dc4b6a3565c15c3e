import type { Price, PriceStream } from "@cryptovault/price-stream";

/** One price is kept for each step of this length, ms. */
export const STEP_MS = 1000;
/** How many are kept: ten minutes, which is 4.8 kB per asset. */
export const STEPS = 600;
/** There is room for so many at first: that of all for two thousand assets would hold up the first prices. */
const FIRST_STEPS = 8;
/** What has to be drawn anew is told at whole multiples of this many steps. */
const CALM_STEPS = 5;
/** When nothing was heard for longer, as in sleep, the whole silence is unknown; it outlasts a quiet market's heartbeats. */
const SILENCE_STEPS = 30;

/**
 * The last minutes of one asset: what the price was at the end of each step, oldest first. NaN where
 * it is not known to have been live for the whole step: to be drawn as a gap.
 */
export type Trace = {
  readonly prices: Float64Array;
  /** When the last step began, ms since 1970. */
  readonly endsAt: number;
  readonly quote: string;
};

export type History = {
  /** Undefined before the asset's first price. */
  read(asset: string): Trace | undefined;
  /** Calls `fn` every few seconds while prices come. Returns the undo. */
  subscribe(fn: () => void): () => void;
  /** Another number after each call of subscribers. */
  turn(): number;
};

/**
 * Remembers what a stream tells, from now on, for as long as the page lives.
 * @param now ms since 1970
 */
export function createHistory(
  stream: Pick<PriceStream, "subscribeAll" | "all">,
  now: () => number,
): History {
  const rings = new Map<string, Ring>();
  const listeners = new Set<() => void>();
  let heardAt = stepOf(now());

  stream.subscribeAll((changed) => {
    const told = stepOf(now());
    const isJump = Math.abs(told - heardAt) > SILENCE_STEPS;
    const step = isJump ? told : Math.max(told, heardAt);
    // The device's clock was set back: what is remembered has no place in its time any more.
    if (step < heardAt) rings.clear();
    if (isJump) for (const ring of rings.values()) interrupt(ring, heardAt);
    for (const price of isJump ? stream.all().values() : changed) {
      const ring = rings.get(price.asset);
      if (ring?.quote === price.quote) put(ring, step, liveOf(price));
      else if (!price.stale) rings.set(price.asset, createRing(price, step));
    }
    const isTurn = turnOf(step) !== turnOf(heardAt);
    heardAt = step;
    if (isTurn) for (const listener of listeners) listener();
  });

  return {
    read(asset) {
      const ring = rings.get(asset);
      if (!ring) return undefined;
      const end = Math.max(heardAt, stepOf(now()));
      const since = end - heardAt <= SILENCE_STEPS ? ring.price : NaN;
      const first = Math.max(ring.first, end - STEPS + 1);
      const prices = Float64Array.from({ length: end - first + 1 }, (_, index) =>
        first + index > ring.last ? since : (ring.prices[slotOf(ring, first + index)] ?? NaN),
      );
      return { prices, endsAt: end * STEP_MS, quote: ring.quote };
    },
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    turn: () => turnOf(heardAt),
  };
}

type Ring = {
  /** Prices in another currency belong to no common line. */
  readonly quote: string;
  /** Longer when it is needed. */
  prices: Float64Array;
  readonly first: number;
  /** The step that was written last. */
  last: number;
  /** As it is now, and will be until something else is told; NaN while it is old. */
  price: number;
};

function createRing(price: Price, step: number): Ring {
  const prices = new Float64Array(FIRST_STEPS);
  prices[0] = liveOf(price);
  return { quote: price.quote, prices, first: step, last: step, price: liveOf(price) };
}

function put(ring: Ring, step: number, price: number) {
  fill(ring, step);
  const slot = slotOf(ring, step);
  // A step in which it was old, be it for a moment, stays a gap.
  if (!Number.isNaN(ring.prices[slot])) ring.prices[slot] = price;
  ring.price = price;
}

function interrupt(ring: Ring, step: number) {
  fill(ring, step);
  ring.price = NaN;
}

/** A price that nobody contradicts goes on. */
function fill(ring: Ring, step: number) {
  const first = Math.max(ring.last + 1, step - STEPS + 1);
  makeRoom(ring, step);
  for (let at = first; at <= step; at++) ring.prices[slotOf(ring, at)] = ring.price;
  ring.last = step;
}

function makeRoom(ring: Ring, step: number) {
  const needed = Math.min(STEPS, step - ring.first + 1);
  if (needed <= ring.prices.length) return;
  const shorter = ring.prices;
  ring.prices = new Float64Array(Math.min(STEPS, 2 * needed));
  ring.prices.set(shorter);
}

const slotOf = ({ first }: Ring, step: number): number => (step - first) % STEPS;

const liveOf = ({ price, stale }: Price): number => (stale ? NaN : Number(price));
const stepOf = (ms: number): number => Math.floor(ms / STEP_MS);
const turnOf = (step: number): number => Math.floor(step / CALM_STEPS);
