/**
 * CoinGecko's list of coins by market capitalisation:
 * https://docs.coingecko.com/reference/coins-markets
 * https://docs.coingecko.com/docs/errors-and-rate-limits
 */
import type { RestRequest } from "../feed/link/rest.ts";
import { finite, isRecord, positive } from "../sources/reading.ts";
import type { Figures } from "../types.ts";

/** Where CoinGecko is asked, and with which key; without one its allowance goes by IP address. */
export type CoingeckoAccess = { rest: string; key: string | undefined };

/** One coin of the list, under CoinGecko's own id. */
export type Coin = {
  id: string;
  symbol: string;
  priceUsd: number | undefined;
  figures: Figures;
};

export const COINGECKO_REST = "https://api.coingecko.com";

/**
 * The 1,000 largest coins every 20 to 22 minutes: at most 8,928 requests a month of the 10,000 that
 * the demo plan includes; an answer of 304 is free. Four a minute are few for an address without a key.
 */
export const COINGECKO_TIMING = { everyMs: 20 * 60_000, pauseMs: 15_000 };
const PAGES = 4;
/** The most that a page may hold. */
const PER_PAGE = 250;

export const coingeckoPages = ({ rest, key }: CoingeckoAccess): RestRequest[] =>
  Array.from({ length: PAGES }, (_, index) => ({
    url: `${rest}/api/v3/coins/markets?vs_currency=usd&order=market_cap_desc&per_page=${PER_PAGE}&page=${index + 1}`,
    headers: key ? { "x-cg-demo-api-key": key } : {},
  }));

/** Reads one page. Numbers may be null. Throws an Error where the body is no page. */
export function readCoins(body: unknown): Coin[] {
  if (!Array.isArray(body)) throw new Error("CoinGecko's list of coins is not an array");
  return body.flatMap((row): Coin[] => {
    if (!isRecord(row) || typeof row.id !== "string" || typeof row.symbol !== "string") return [];
    return [
      {
        id: row.id,
        symbol: row.symbol,
        priceUsd: positive(row.current_price),
        figures: {
          rank: positive(row.market_cap_rank),
          change24h: finite(row.price_change_percentage_24h),
          volume24hUsd: positive(row.total_volume),
          marketCapUsd: positive(row.market_cap),
        },
      },
    ];
  });
}
