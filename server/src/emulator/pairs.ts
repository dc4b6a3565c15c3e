import { FIAT, seriesOf } from "./currencies.ts";
import { lot } from "./random.ts";
import type { MarketAsset } from "./universe.ts";

/** One instrument of one exchange. */
export type Pair = {
  /** The exchange's own spelling: `bitcoin`, `BTCUSDT`, `BTC-USD`. */
  symbol: string;
  /** CoinCap id of the base. */
  asset: string;
  base: string;
  quote: string;
  /** Decimals of its prices; undefined where the exchange does not round. */
  decimals: number | undefined;
  /** False: listed, but no longer traded. */
  active: boolean;
};

/** Below this price, in the quote currency, eight decimals would round by more than some basis points. */
const LEAST_PRICE = 0.000_01;

/** Every asset, in USD, by its id. */
export const coincapPairs = (assets: readonly MarketAsset[]): Pair[] =>
  assets.map(({ id, symbol }) => ({
    symbol: id,
    asset: id,
    base: symbol,
    quote: "USD",
    decimals: undefined,
    active: true,
  }));

/** About three quarters of the assets against USDT, the largest in further quotes too. */
export const binancePairs = (assets: readonly MarketAsset[]): Pair[] =>
  listPairs(assets, {
    listed: { always: 0.5, share: 0.75, salt: "binance" },
    // BUSD is the quote that Binance gave up: those pairs are still listed, as BREAK.
    quotes: { USDT: Infinity, USDC: 40, FDUSD: 15, BTC: 30, EUR: 15, TRY: 15, BUSD: 5 },
    spell: (base, quote) => `${base}${quote}`,
    except: "USDTUSDC USDTFDUSD USDTBTC USDTEUR USDTBUSD USDCFDUSD USDCBTC".split(" "),
  });

/** About half of the assets against USD, the largest in further quotes too. USDC is USD there. */
export const coinbasePairs = (assets: readonly MarketAsset[]): Pair[] =>
  listPairs(assets, {
    listed: { always: 0.25, share: 0.5, salt: "coinbase" },
    quotes: { USD: Infinity, USDT: 10, EUR: 30, GBP: 20, BTC: 25, DAI: 5 },
    spell: (base, quote) => `${base}-${quote}`,
    except: "USDC-USD USDC-USDT USDC-BTC USDT-BTC".split(" "),
  });

/** About half of the assets against USD, the largest in further quotes too; spelled as v2 does. */
export const krakenPairs = (assets: readonly MarketAsset[]): Pair[] =>
  listPairs(assets, {
    listed: { always: 0.25, share: 0.45, salt: "kraken" },
    quotes: { USD: Infinity, EUR: 40, USDT: 10, GBP: 15, BTC: 20, DAI: 3 },
    spell: (base, quote) => `${base}/${quote}`,
    except: "USDT/BTC USDC/BTC".split(" "),
  });

/** About half of the assets against USDT, the largest in further quotes too. */
export const okxPairs = (assets: readonly MarketAsset[]): Pair[] =>
  listPairs(assets, {
    listed: { always: 0.3, share: 0.55, salt: "okx" },
    quotes: { USDT: Infinity, USDC: 40, EUR: 15, BTC: 25, DAI: 3 },
    spell: (base, quote) => `${base}-${quote}`,
    except: "USDT-USDC USDT-BTC USDC-BTC".split(" "),
  });

/** About half of the assets against USDT, the largest in further quotes too. */
export const bybitPairs = (assets: readonly MarketAsset[]): Pair[] =>
  listPairs(assets, {
    listed: { always: 0.3, share: 0.5, salt: "bybit" },
    quotes: { USDT: Infinity, USDC: 40, EUR: 10, BTC: 15 },
    spell: (base, quote) => `${base}${quote}`,
    except: "USDTUSDC USDTEUR USDTBTC USDCBTC".split(" "),
  });

/** About half of the assets against USDT, the largest in further quotes too. */
export const kucoinPairs = (assets: readonly MarketAsset[]): Pair[] =>
  listPairs(assets, {
    listed: { always: 0.3, share: 0.55, salt: "kucoin" },
    quotes: { USDT: Infinity, USDC: 30, EUR: 10, BTC: 40, DAI: 5 },
    spell: (base, quote) => `${base}-${quote}`,
    except: "USDT-USDC USDT-BTC USDC-BTC".split(" "),
  });

type Rules = {
  /** The first `always` of all are listed; of the rest so many that it is about `share` in all. */
  listed: { always: number; share: number; salt: string };
  /** Down to which rank an asset is traded against each quote. */
  quotes: Readonly<Record<string, number>>;
  spell(base: string, quote: string): string;
  except: readonly string[];
};

/** Quotes that the market has no price of: such pairs are listed, but not traded. */
const GIVEN_UP = new Set(["BUSD", "DAI"]);

/** The pairs of an exchange that lists by such rules. */
export function listPairs(assets: readonly MarketAsset[], rules: Rules): Pair[] {
  const typical = new Map([...FIAT, ...assets].map((series) => [series.id, series.typical]));
  const unit = (code: string) => (code === "USD" ? 1 : typical.get(seriesOf(code) ?? ""));
  const pairs = new Map<string, Pair>();
  for (const asset of assets.filter(isListed(assets, rules.listed))) {
    for (const [quote, lastRank] of Object.entries(rules.quotes)) {
      const symbol = rules.spell(asset.symbol, quote);
      if (asset.rank > lastRank || asset.symbol === quote || rules.except.includes(symbol))
        continue;
      const active = !GIVEN_UP.has(quote);
      const rate = active ? unit(quote) : 1;
      if (rate === undefined || asset.typical / rate < LEAST_PRICE || pairs.has(symbol)) continue;
      const decimals = decimalsOf(asset.typical / rate);
      pairs.set(symbol, { symbol, asset: asset.id, base: asset.symbol, quote, decimals, active });
    }
  }
  return [...pairs.values()];
}

function isListed(assets: readonly MarketAsset[], { always, share, salt }: Rules["listed"]) {
  const real = assets.filter(({ madeUp }) => !madeUp).length;
  const ofTheRest = (share - always) / (1 - always);
  return ({ id, symbol, rank, madeUp }: MarketAsset): boolean => {
    if (!/^[A-Z0-9]+$/.test(symbol)) return false;
    const drawn = lot(`${salt} ${id}`);
    return madeUp ? drawn < share : rank <= real * always || drawn < ofTheRest;
  };
}

/** About five significant digits, as exchanges choose their tick sizes; 2 to 8 decimals. */
const decimalsOf = (price: number): number =>
  Math.min(8, Math.max(2, 4 - Math.floor(Math.log10(price))));
