/** What the emulated world trades: the bundled assets, then made-up ones that say so. */
export type MarketAsset = {
  /** CoinCap's id: `bitcoin`. */
  id: string;
  symbol: string;
  name: string;
  /** Typical price in USD; the market starts there. */
  typical: number;
  /** Place by market capitalisation, 1 is the largest. */
  rank: number;
  /** Not an asset of this world: it fills the list up to the size asked for. */
  madeUp: boolean;
};

/** Largest capitalisation, USD; it falls with the rank. */
const TOP_CAP = 2e12;

/** Units in circulation. */
export const supplyOf = ({ rank, typical }: MarketAsset): number => TOP_CAP / rank ** 1.5 / typical;

/** Made-up prices are spread evenly by magnitude, from here down to `LOWEST_USD`. */
const HIGHEST_USD = 1_000;
const LOWEST_USD = 0.0000001;

/** Steps of the golden ratio fill any interval evenly, however many there are. */
const GOLDEN_STEP = 0.618_033_988_749_895;

/** The first `count` assets: all `rows` (`[id, symbol, name, typical USD price]`), then made-up ones. */
export function universe(rows: readonly unknown[], count: number): MarketAsset[] {
  const assets = rows.flatMap((row, index) => readRow(row, index + 1)).slice(0, count);
  for (let n = 1; assets.length < count; n++) assets.push(madeUpAsset(n, assets.length + 1));
  return assets;
}

function readRow(row: unknown, rank: number): MarketAsset[] {
  if (!Array.isArray(row)) return [];
  const [id, symbol, name, typical]: unknown[] = row;
  const named = typeof id === "string" && typeof symbol === "string" && typeof name === "string";
  if (!named || typeof typical !== "number" || !(typical > 0)) return [];
  return [{ id, symbol, name, typical, rank, madeUp: false }];
}

function madeUpAsset(n: number, rank: number): MarketAsset {
  const number = String(n).padStart(4, "0");
  const depth = (n * GOLDEN_STEP) % 1;
  return {
    id: `demo-coin-${number}`,
    symbol: `DMO${number}`,
    name: `Demo Coin ${number}`,
    typical: HIGHEST_USD * (LOWEST_USD / HIGHEST_USD) ** depth,
    rank,
    madeUp: true,
  };
}
