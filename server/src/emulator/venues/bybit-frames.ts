/**
 * Bybit's spot ticker and instrument list:
 * https://bybit-exchange.github.io/docs/v5/websocket/public/ticker and
 * https://bybit-exchange.github.io/docs/v5/market/instrument
 */
import { plain, trimmed } from "../decimals.ts";
import type { Pair } from "../pairs.ts";
import type { PairTick } from "../tape.ts";
import type { Answer } from "../venue.ts";

/** A trade and the number that it has among all trades. */
export type Trade = { tick: PairTick; sequence: number };

/** Spot tickers are always whole. The change is a ratio, with four decimals. */
export function tickerFrame({ tick, sequence }: Trade) {
  const decimals = tick.pair.decimals ?? 8;
  const price = (value: number) => trimmed(plain(value, decimals));
  return {
    topic: topicOf(tick.symbol),
    ts: tick.time,
    type: "snapshot",
    cs: sequence,
    data: {
      symbol: tick.symbol,
      lastPrice: tick.written === undefined ? price(tick.last) : tick.written,
      highPrice24h: price(tick.high),
      lowPrice24h: price(tick.low),
      prevPrice24h: price(tick.open),
      volume24h: trimmed(plain(tick.volume, 6)),
      turnover24h: trimmed(plain(tick.quoteVolume, 8)),
      price24hPcnt: plain(tick.last / tick.open - 1, 4),
      // An index that not every pair has.
      usdIndexPrice: inDollars(tick.pair) ? trimmed(plain(tick.last, decimals + 4)) : "",
    },
  };
}

const inDollars = ({ quote }: Pair): boolean => quote.startsWith("USD");

export const topicOf = (symbol: string): string => `tickers.${symbol}`;

/** `?category=spot`, and a `symbol` if only one is wanted. */
export function instrumentsInfo(
  pairs: readonly Pair[],
  query: URLSearchParams,
  time: number,
): Answer {
  if (query.get("category") !== "spot") {
    const body = { retCode: 10001, retMsg: "Illegal category", result: {}, retExtInfo: {}, time };
    return { status: 200, body };
  }
  const wanted = query.get("symbol");
  const list = pairs.filter(({ symbol }) => wanted === null || symbol === wanted).map(row);
  const result = { category: "spot", list };
  return { status: 200, body: { retCode: 0, retMsg: "OK", result, retExtInfo: {}, time } };
}

const row = ({ symbol, base, quote, decimals = 8 }: Pair, index: number) => ({
  symbolId: index + 1,
  symbol,
  baseCoin: base,
  quoteCoin: quote,
  innovation: "0",
  status: "Trading",
  marginTrading: "utaOnly",
  stTag: "0",
  lotSizeFilter: {
    basePrecision: "0.000001",
    quotePrecision: "0.0000001",
    minOrderQty: "0.000011",
    maxOrderQty: "83",
    minOrderAmt: "5",
    maxOrderAmt: "8000000",
    maxLimitOrderQty: "83",
    maxMarketOrderQty: "41.5",
    postOnlyMaxLimitOrderSize: "60000",
  },
  priceFilter: { tickSize: trimmed(plain(10 ** -decimals, decimals)) },
  riskParameters: { priceLimitRatioX: "0.005", priceLimitRatioY: "0.01" },
  symbolType: "",
});
