import type { Fiat } from "./currencies.ts";
import type { MarketAsset } from "./universe.ts";

/** How the price of one series moves. */
export type Walk =
  /** With the market, and on its own. `beta` scales the market's move, `own` is per root of a day. */
  | { kind: "free"; beta: number; own: number }
  /** Near a multiple of another series (`to`), or of 1 USD; `spread` is how far it strays. */
  | { kind: "pegged"; to: string | undefined; times: number; spread: number };

/** The market's own move per root of a day: about what bitcoin does. */
export const MARKET_SIGMA = 0.02;

/** Assets that are claims on another one, and what they follow. */
const CLAIMS: Readonly<Record<string, string>> = {
  "wrapped-bitcoin": "bitcoin",
  weth: "ethereum",
  steth: "ethereum",
  "lido-finance-wsteth": "ethereum",
  "coinbase-wrapped-staked-eth": "ethereum",
  "rocket-pool-eth": "ethereum",
  "jito-staked-sol": "solana",
};

/** Tether stands a little below the dollar, so that USDT prices are seen to be no USD prices. */
const TETHER_USD = 0.9995;
const PEG_SPREAD = 0.0002;
const FIAT_SPREAD = 0.002;

const isStablecoin = ({ symbol, typical }: MarketAsset): boolean =>
  /USD|^DAI$|^FRAX$/.test(symbol) && typical > 0.97 && typical < 1.03;

/** The walk of an asset: the smaller, the wilder; coins that promise a value keep near it. */
export function walkOf(asset: MarketAsset, typical: (id: string) => number | undefined): Walk {
  const leader = CLAIMS[asset.id];
  const leaderPrice = leader === undefined ? undefined : typical(leader);
  if (leaderPrice !== undefined) {
    return { kind: "pegged", to: leader, times: asset.typical / leaderPrice, spread: PEG_SPREAD };
  }
  if (isStablecoin(asset)) {
    const times = asset.id === "tether" ? TETHER_USD : asset.typical;
    return { kind: "pegged", to: undefined, times, spread: PEG_SPREAD };
  }
  // Total volatility a day: 2.5 % for the largest, 6.5 % at rank 100, 9 % at rank 2000.
  const total = 0.025 + 0.02 * Math.log10(asset.rank);
  const beta = 0.9 + 0.2 * Math.log10(asset.rank);
  return { kind: "free", beta, own: Math.sqrt(total ** 2 - (beta * MARKET_SIGMA) ** 2) };
}

export const fiatWalk = ({ typical }: Fiat): Walk => ({
  kind: "pegged",
  to: undefined,
  times: typical,
  spread: FIAT_SPREAD,
});
