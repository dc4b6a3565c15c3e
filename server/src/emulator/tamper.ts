import type { Fault } from "./faults.ts";
import type { Pair } from "./pairs.ts";
import type { PairTick } from "./tape.ts";

/** What a fault makes of the trades of one step. */
export type Tamper = (ticks: readonly PairTick[], now: number) => readonly PairTick[];

/** No price that anybody should believe. */
const BAD_SPELLINGS: readonly (string | number | null)[] = [
  "NaN",
  "0",
  "0.00000000",
  "-97123.41",
  "9.7e4",
  "",
  null,
  -1,
  "Infinity",
  "97,123.41",
];

/** One price in so many is bad under `bad-prices`. */
const BAD_EVERY = 3;

const ABSURD_FACTOR = 10;

const untouched: Tamper = (ticks) => ticks;

/** The tampering of `fault`, with whatever it has to remember from step to step. */
export function createTamper(fault: Fault | undefined): Tamper {
  switch (fault?.name) {
    case "bad-prices":
      return badPrices();
    case "absurd":
      return (ticks) => ticks.map((tick) => (isOf(fault, tick) ? absurd(tick) : tick));
    case "frozen-asset":
      return (ticks) => ticks.filter((tick) => !isOf(fault, tick));
    case "slow-drip":
      return slowDrip(fault);
    default:
      return untouched;
  }
}

const isOf = ({ detail }: Fault, { pair }: PairTick): boolean => pair.asset === detail.asset;

const absurd = (tick: PairTick): PairTick => ({
  ...tick,
  last: tick.last * ABSURD_FACTOR,
  truth: tick,
});

function badPrices(): Tamper {
  let seen = 0;
  return (ticks) => {
    const [first] = ticks;
    const tampered = ticks.map((tick) => {
      if (seen++ % BAD_EVERY > 0) return tick;
      const written = BAD_SPELLINGS[Math.floor(seen / BAD_EVERY) % BAD_SPELLINGS.length] ?? null;
      return { ...tick, written, truth: tick };
    });
    if (first) tampered.push({ ...first, symbol: unknownSymbol(first.pair), truth: first });
    return tampered;
  };
}

/** A symbol in the exchange's own format that it does not list. */
const unknownSymbol = ({ symbol, asset, base }: Pair): string =>
  symbol === asset ? "no-such-coin" : symbol.replace(base, "NOSUCH");

function slowDrip(fault: Fault): Tamper {
  const pauseMs = (fault.detail.seconds ?? 0) * 1000;
  let last = -Infinity;
  return (ticks, now) => {
    const drop = now - last < pauseMs ? undefined : ticks.find((tick) => isOf(fault, tick));
    if (!drop) return [];
    last = now;
    return [drop];
  };
}
