/** What prices are quoted in. */

/** A fiat currency: a series of the market, but nobody's asset. */
export type Fiat = {
  id: string;
  code: string;
  /** USD per unit, late 2026 in magnitude. */
  typical: number;
};

export const FIAT: readonly Fiat[] = [
  { id: "fiat:eur", code: "EUR", typical: 1.16 },
  { id: "fiat:gbp", code: "GBP", typical: 1.33 },
  { id: "fiat:try", code: "TRY", typical: 0.0235 },
];

/** The market's series of each quote currency except USD. */
const SERIES: Readonly<Record<string, string>> = {
  USDT: "tether",
  USDC: "usd-coin",
  FDUSD: "first-digital-usd",
  BTC: "bitcoin",
  ...Object.fromEntries(FIAT.map(({ code, id }) => [code, id])),
};

/** Id of the series that prices `code` in USD; undefined for USD itself and for unknown ones. */
export const seriesOf = (code: string): string | undefined => SERIES[code];
