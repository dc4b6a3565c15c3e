import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plain, significant, trimmed } from "../../src/emulator/decimals.ts";
import { createMarket } from "../../src/emulator/market.ts";
import {
  binancePairs,
  coinbasePairs,
  coincapPairs,
  krakenPairs,
  okxPairs,
} from "../../src/emulator/pairs.ts";
import { createTape } from "../../src/emulator/tape.ts";
import { universe } from "../../src/emulator/universe.ts";
import rows from "../../src/sources/assets.json" with { type: "json" };

const NOON = Date.UTC(2026, 10, 24, 12);
const SMALL = universe(rows.slice(0, 40), 120);
const FULL = universe(rows, 600);

const run = (seed: number, seconds: number) => {
  const market = createMarket(seed, SMALL, NOON);
  for (let s = 1; s <= seconds; s++) market.step(NOON + s * 1000);
  return SMALL.map(({ id }) => market.price(id));
};

describe("the simulated market", () => {
  it("runs the same for the same seed, and differently for another", () => {
    expect(run(7, 30)).toEqual(run(7, 30));
    expect(run(7, 30)).not.toEqual(run(8, 30));
  });

  it("keeps every price within its day, and all numbers above zero, whatever the seed", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 9e6 }), { maxLength: 12 }),
        (seed, pauses) => {
          const market = createMarket(seed, SMALL, NOON);
          let now = NOON;
          for (const ms of pauses) {
            now += ms;
            market.step(now);
          }
          const wrong = SMALL.filter(({ id }) => {
            const price = market.price(id) ?? Number.NaN;
            const { open, high, low, volume, turnover } = market.day(id) ?? expect.fail(id);
            const mean = turnover / volume;
            const sound =
              Math.min(price, open, low, volume, turnover) > 0 &&
              low <= Math.min(price, open, mean * (1 + 1e-9)) &&
              high >= Math.max(price, open, mean * (1 - 1e-9));
            return !sound;
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("forgets what is older than 24 hours", () => {
    const market = createMarket(3, SMALL, NOON);
    const before = market.price("bitcoin");
    market.step(NOON + 25 * 3_600_000);
    market.step(NOON + 25 * 3_600_000 + 1000);
    expect(market.day("bitcoin")?.open).not.toBe(before);
    const after = market.price("bitcoin") ?? 0;
    expect(Math.abs((market.day("bitcoin")?.open ?? 0) / after - 1)).toBeLessThan(0.01);
  });

  it("keeps stablecoins near their dollar, tether a little below it", () => {
    const market = createMarket(1, FULL, NOON);
    for (let minute = 1; minute <= 600; minute++) {
      market.step(NOON + minute * 60_000);
      for (const id of ["tether", "usd-coin", "multi-collateral-dai"]) {
        expect(Math.abs((market.price(id) ?? 0) - 1)).toBeLessThan(0.004);
      }
      expect(Math.abs((market.price("tether") ?? 0) - 0.9995)).toBeLessThan(0.002);
    }
  });

  it("keeps wrapped and staked coins near what they stand for", () => {
    const market = createMarket(1, FULL, NOON);
    const ratio = () => (market.price("wrapped-bitcoin") ?? 0) / (market.price("bitcoin") ?? 1);
    const before = ratio();
    market.step(NOON + 86_400_000);
    expect(Math.abs(ratio() / before - 1)).toBeLessThan(0.003);
  });

  it("moves a large asset by some percent a day and not more", () => {
    const moves = Array.from({ length: 40 }, (_, seed) => {
      const market = createMarket(seed, SMALL, NOON);
      return Math.abs((market.price("bitcoin") ?? 0) / (SMALL[0]?.typical ?? 1) - 1);
    });
    const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length;
    expect(mean).toBeGreaterThan(0.005);
    expect(mean).toBeLessThan(0.05);
  });
});

describe("the list of assets", () => {
  it("holds all bundled assets, then made-up ones that say so, up to the count asked for", () => {
    expect(FULL.slice(0, rows.length).map(({ id }) => id)).toEqual(rows.map(([id]) => id));
    expect(FULL).toHaveLength(600);
    expect(new Set(FULL.map(({ id }) => id)).size).toBe(600);
    for (const { id, symbol, name, madeUp } of FULL.slice(rows.length)) {
      expect([madeUp, `${id} ${symbol} ${name}`]).toEqual([
        true,
        expect.stringMatching(/^demo-coin-(\d{4}) DMO\1 Demo Coin \1$/),
      ]);
    }
  });

  it("reaches from about 100,000 USD down to 0.0000001 USD", () => {
    const prices = FULL.map(({ typical }) => typical);
    expect(Math.max(...prices)).toBeGreaterThan(80_000);
    const madeUp = FULL.filter((asset) => asset.madeUp).map(({ typical }) => typical);
    expect(Math.min(...madeUp)).toBeGreaterThanOrEqual(1e-7);
    expect(Math.min(...madeUp)).toBeLessThan(2e-7);
  });

  it("is listed in full at CoinCap, by three quarters at Binance and by about half elsewhere", () => {
    const real = FULL.filter(({ madeUp }) => !madeUp).length;
    const listed = (pairs: readonly { asset: string }[]) =>
      new Set(pairs.map(({ asset }) => asset).filter((id) => !id.startsWith("demo-"))).size / real;
    expect(listed(coincapPairs(FULL))).toBe(1);
    expect(listed(binancePairs(FULL))).toBeGreaterThan(0.68);
    expect(listed(binancePairs(FULL))).toBeLessThan(0.82);
    for (const pairs of [coinbasePairs(FULL), krakenPairs(FULL), okxPairs(FULL)]) {
      expect(listed(pairs)).toBeGreaterThan(0.4);
      expect(listed(pairs)).toBeLessThan(0.6);
    }
  });

  it("meets adapters with pairs in other quotes, and with pairs that are no longer traded", () => {
    const binance = new Map(binancePairs(FULL).map((pair) => [pair.symbol, pair.active]));
    for (const symbol of ["BTCUSDT", "BTCUSDC", "ETHBTC", "BTCEUR", "BTCTRY", "BTCFDUSD"]) {
      expect([symbol, binance.get(symbol)]).toEqual([symbol, true]);
    }
    expect(binance.get("BTCBUSD")).toBe(false);
    const coinbase = new Map(coinbasePairs(FULL).map((pair) => [pair.symbol, pair.active]));
    for (const symbol of ["BTC-USD", "BTC-GBP", "BTC-EUR", "ETH-BTC", "USDT-USD"]) {
      expect([symbol, coinbase.get(symbol)]).toEqual([symbol, true]);
    }
    expect(coinbase.get("BTC-DAI")).toBe(false);
    expect(coinbase.has("USDC-USD")).toBe(false);
    const kraken = new Map(krakenPairs(FULL).map((pair) => [pair.symbol, pair.active]));
    for (const symbol of ["BTC/USD", "BTC/EUR", "ETH/BTC", "USDT/USD"]) {
      expect([symbol, kraken.get(symbol)]).toEqual([symbol, true]);
    }
    expect(kraken.get("BTC/DAI")).toBe(false);
    const okx = new Map(okxPairs(FULL).map((pair) => [pair.symbol, pair.active]));
    for (const symbol of ["BTC-USDT", "BTC-USDC", "ETH-BTC", "USDC-USDT"]) {
      expect([symbol, okx.get(symbol)]).toEqual([symbol, true]);
    }
    expect(okx.get("BTC-DAI")).toBe(false);
  });
});

describe.each([
  { exchange: "coincap", pairs: coincapPairs(FULL) },
  { exchange: "binance", pairs: binancePairs(FULL) },
  { exchange: "coinbase", pairs: coinbasePairs(FULL) },
  { exchange: "kraken", pairs: krakenPairs(FULL) },
  { exchange: "okx", pairs: okxPairs(FULL) },
])("what trades at $exchange", ({ pairs }) => {
  const market = createMarket(5, FULL, NOON);
  const tape = createTape({ market, pairs, seed: 5, share: 0.2, tickMs: 1000 });
  const seen = new Map(pairs.filter(({ active }) => active).map(({ symbol }) => [symbol, NOON]));
  const steps = Array.from({ length: 120 }, (_, n) => {
    const now = NOON + (n + 1) * 1000;
    market.step(now);
    const ticks = tape.step(now);
    const gaps = ticks.map(({ symbol }) => now - (seen.get(symbol) ?? 0));
    for (const { symbol } of ticks) seen.set(symbol, now);
    const off = ticks.map(({ pair, last }) => {
      const unit = market.unit(pair.quote)?.price ?? Number.NaN;
      return Math.abs((last * unit) / (market.price(pair.asset) ?? Number.NaN) - 1);
    });
    return { ticks, gaps, off };
  });

  it("trades every asset at least every 20 seconds, and the largest at each step", () => {
    expect(Math.max(...steps.flatMap(({ gaps }) => gaps))).toBeLessThanOrEqual(20_000);
    const last = NOON + 120_000;
    expect(Math.max(...[...seen.values()].map((time) => last - time))).toBeLessThanOrEqual(20_000);
    expect(steps.every(({ ticks }) => ticks.some(({ pair }) => pair.asset === "bitcoin"))).toBe(
      true,
    );
  });

  it("is within ten basis points of the market", () => {
    expect(Math.max(...steps.flatMap(({ off }) => off))).toBeLessThan(0.001);
  });

  it("has a day that holds the price, in every pair", () => {
    const wrong = steps
      .flatMap(({ ticks }) => ticks)
      .filter(({ last, open, high, low, volume, quoteVolume }) => {
        const sound = low <= Math.min(last, open) && high >= Math.max(last, open);
        return !(sound && Math.min(low, volume, quoteVolume) > 0);
      });
    expect(wrong).toEqual([]);
  });
});

describe("the spelling of numbers", () => {
  const anyNumber = fc.double({ min: 1e-12, max: 1e24, noNaN: true });

  it("never has an exponent, however small or large the number is", () => {
    fc.assert(
      fc.property(anyNumber, fc.integer({ min: 1, max: 18 }), (value, digits) => {
        expect(plain(value, digits)).toMatch(new RegExp(`^\\d+\\.\\d{${digits}}$`));
        expect(significant(value, 18)).toMatch(/^\d+(\.\d*[1-9])?$/);
      }),
    );
  });

  it("keeps the value", () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(Math.abs(Number(significant(value, 18)) / value - 1)).toBeLessThan(1e-14);
        expect(Number(trimmed(plain(value, 8)))).toBe(Number(plain(value, 8)));
      }),
    );
    expect(plain(1e-7, 8)).toBe("0.00000010");
    expect(significant(97123.41, 7)).toBe("97123.41");
    expect([trimmed("81414.80"), trimmed("5.00"), trimmed("100")]).toEqual(["81414.8", "5", "100"]);
  });
});
