import { binance } from "./binance.ts";
import { bybit } from "./bybit.ts";
import { coinbase } from "./coinbase.ts";
import { coinbaseAdvanced } from "./coinbase-advanced.ts";
import { coincap, coincapV2 } from "./coincap.ts";
import { kraken } from "./kraken.ts";
import { kucoin } from "./kucoin.ts";
import { okx } from "./okx.ts";
import type { Source } from "./source.ts";

/** Every exchange this gateway knows. */
export const sources: readonly Source[] = [
  coincap,
  binance,
  coinbase,
  kraken,
  okx,
  bybit,
  kucoin,
  coinbaseAdvanced,
  coincapV2,
];

/** Those that speak unless an operator names others, in order of preference. */
export const defaultSources: readonly Source[] = [coincap, binance, coinbase, kraken];

/** The one `among` sources that reads traffic recorded from `url`: by its address, else by host name. */
export function sourceOfUrl(url: string, among: readonly Source[]): Source | undefined {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return (
    among.find(({ facts }) => isWithin(url, facts.endpoint.ws)) ??
    among.find(({ facts }) => facts.hosts.includes(host))
  );
}

const isWithin = (url: string, base: string): boolean =>
  url === base || url.startsWith(`${base}/`) || url.startsWith(`${base}?`);
