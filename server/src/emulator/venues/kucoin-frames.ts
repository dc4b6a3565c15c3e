/**
 * KuCoin's ticker and list of symbols: https://www.kucoin.com/docs-new/3470063w0 and
 * https://www.kucoin.com/docs/rest/spot-trading/market-data/get-symbol-detail
 */
import { plain, trimmed } from "../decimals.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import type { PairTick } from "../tape.ts";

/** A trade and its number, which grows within one symbol. */
export type Trade = { tick: PairTick; sequence: number };

/** Half of the distance between bid and ask. */
const HALF_SPREAD = 0.0001;

/** The topic that `all` brings names no symbol: there the subject does. */
export function tickerFrame({ tick, sequence }: Trade, forAll: boolean) {
  const { symbol, pair, last, written, time } = tick;
  const decimals = pair.decimals ?? 8;
  const unit = 10 ** -decimals;
  const half = Math.max(unit, last * HALF_SPREAD);
  const spelled = (value: number) => trimmed(plain(value, decimals));
  return {
    type: "message",
    topic: `/market/ticker:${forAll ? "all" : symbol}`,
    subject: forAll ? symbol : "trade.ticker",
    data: {
      bestAsk: spelled(last + half),
      bestAskSize: size(`ask ${symbol} ${sequence}`),
      bestBid: spelled(Math.max(unit, last - half)),
      bestBidSize: size(`bid ${symbol} ${sequence}`),
      price: written === undefined ? spelled(last) : written,
      sequence: String(sequence),
      size: size(`last ${symbol} ${sequence}`),
      time,
    },
  };
}

const size = (text: string): string => trimmed(plain(0.000_01 + 20 * lot(text) ** 3, 8));

export const symbolRow = ({ symbol, base, quote, decimals = 8, active }: Pair) => ({
  symbol,
  name: symbol,
  baseCurrency: base,
  quoteCurrency: quote,
  feeCurrency: quote,
  market: quote === "BTC" ? "BTC" : "USDS",
  baseMinSize: "0.00001",
  quoteMinSize: "0.1",
  baseMaxSize: "10000000000",
  quoteMaxSize: "99999999",
  baseIncrement: "0.00000001",
  quoteIncrement: "0.000001",
  priceIncrement: trimmed(plain(10 ** -decimals, decimals)),
  priceLimitRate: "0.1",
  minFunds: "0.1",
  isMarginEnabled: false,
  enableTrading: active,
});
