import { manualClock } from "../../server/src/clock.ts";
import { createMarket } from "../../server/src/emulator/market.ts";
import { coinbasePairs, listPairs, type Pair } from "../../server/src/emulator/pairs.ts";
import { createTape, type PairTick } from "../../server/src/emulator/tape.ts";
import { type MarketAsset, universe } from "../../server/src/emulator/universe.ts";
import { DOCUMENTED_TIMING } from "../../server/src/emulator/venue.ts";
import { venues } from "../../server/src/emulator/venues/index.ts";
import bundledAssets from "../../server/src/sources/assets.json" with { type: "json" };
import { binance } from "../../server/src/sources/binance.ts";
import { coinbase } from "../../server/src/sources/coinbase.ts";
import type { Source } from "../../server/src/sources/source.ts";

/** One text frame, and when it came, ms since 1970. */
export type Frame = { text: string; at: number };

/** What one exchange sends, as the emulator writes it. The market goes on: no frame comes twice. */
export type Workload = {
  source: Source;
  exchange: "binance" | "coinbase";
  /** What the frames hold, for the reader of the table. */
  contents: string;
  assets: readonly MarketAsset[];
  /** The exchange's own list of what it trades, as its REST API answers. */
  list: unknown;
  /** The next `count` frames. */
  next(count: number): Frame[];
  /** The last price that any frame told of each pair. */
  told: ReadonlyMap<Pair, number>;
  /** How many prices were told, and how many of them were other than the last of their pair. */
  prices(): { told: number; changed: number };
};

const SEED = 1;
const START = Date.UTC(2026, 0, 1);

/** Market time from one array to the next. About half of the prices change in it. */
const ARRAY_MS = 3000;
const TRADE_MS = 1000;

/** 2,000 pairs, a quarter of them in USDT, the rest in quotes that mostly speak for no price in USD. */
const MIX = { USDT: 500, BTC: 400, TRY: 350, USDC: 300, FDUSD: 250, EUR: 200 };
const ALL_IN_USDT = { USDT: 2000 };

/** Arrays as the all-market stream sends them, all pairs in each. */
export const binanceMix = (): Workload => binanceArrays(MIX);

/** The harder case: each price of the array has to go all the way to the book. */
export const binanceInUsdt = (): Workload => binanceArrays(ALL_IN_USDT);

function binanceArrays(counts: Readonly<Record<string, number>>): Workload {
  const assets = universe(bundledAssets, 3000);
  const quotes = Object.keys(counts);
  const listed = listPairs(assets, {
    listed: { always: 1, share: 1, salt: "" },
    quotes: Object.fromEntries(quotes.map((quote) => [quote, Number.POSITIVE_INFINITY])),
    spell: (base, quote) => `${base}${quote}`,
    except: [],
  });
  const pairs = quotes.flatMap((quote) =>
    listed.filter((pair) => pair.quote === quote).slice(0, counts[quote]),
  );
  const mix = Object.entries(counts).map(([quote, count]) => `${count} in ${quote}`);
  return {
    ...stage("binance", assets, pairs, ARRAY_MS, "all"),
    source: binance,
    contents: `Binance, arrays of ${pairs.length} mini tickers (${mix.join(", ")})`,
  };
}

/** Single tickers of the products that the gateway subscribes to. */
export function coinbaseTickers(): Workload {
  const assets = universe(bundledAssets, 600);
  const pairs = coinbasePairs(assets).filter(({ quote }) => quote === "USD");
  return {
    ...stage("coinbase", assets, pairs, TRADE_MS, "traded"),
    source: coinbase,
    contents: `Coinbase, single tickers (of ${pairs.length} products in USD)`,
  };
}

const ADDRESS = {
  binance: { socket: "/ws/!miniTicker@arr", list: "/api/v3/exchangeInfo" },
  coinbase: { socket: "/", list: "/products" },
};

/** The emulated exchange without its sockets. `says`: of which pairs it tells at each step. */
function stage(
  exchange: Workload["exchange"],
  assets: readonly MarketAsset[],
  pairs: readonly Pair[],
  stepMs: number,
  says: "all" | "traded",
): Omit<Workload, "source" | "contents"> {
  const clock = manualClock(START);
  const market = createMarket(SEED, assets, START);
  const { create, share } = venues[exchange];
  const venue = create({ clock, market, pairs, timing: DOCUMENTED_TIMING, key: "" });
  const tape = createTape({ market, pairs, seed: SEED, share, tickMs: TRADE_MS });
  const latest = new Map<Pair, PairTick>();
  const told = new Map<Pair, number>();
  const prices = { told: 0, changed: 0 };
  const frames: Frame[] = [];

  const visit = (path: string) => ({
    method: "GET",
    url: new URL(path, "http://exchange"),
    ws: "",
    authorization: undefined,
  });
  const address = ADDRESS[exchange];
  const session = venue.open(
    {
      send: (kind, frame) => {
        if (kind === "data") frames.push({ text: frame.toString(), at: clock.now() });
      },
      ping: () => true,
      close() {},
      cut() {},
    },
    visit(address.socket),
  );
  if (exchange === "coinbase") {
    const product_ids = pairs.map(({ symbol }) => symbol);
    session.message(JSON.stringify({ type: "subscribe", product_ids, channels: ["ticker"] }));
  }

  const step = () => {
    clock.advanceTo(clock.now() + stepMs);
    market.step(clock.now());
    const traded = tape.step(clock.now());
    for (const tick of traded) latest.set(tick.pair, tick);
    const ticks = says === "all" ? [...latest.values()] : traded;
    for (const { pair, last } of ticks) {
      prices.told++;
      if (told.get(pair) !== last) prices.changed++;
      told.set(pair, last);
    }
    venue.publish(ticks);
  };

  return {
    exchange,
    assets,
    list: venue.answer(visit(address.list))?.body,
    next(count) {
      while (frames.length < count) step();
      return frames.splice(0);
    },
    told,
    prices: () => ({ ...prices }),
  };
}
