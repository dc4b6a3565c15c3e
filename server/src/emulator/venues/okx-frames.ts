/** OKX's frames: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-tickers-channel */
import { plain, trimmed } from "../decimals.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import type { PairTick } from "../tape.ts";
import { bestOf, sizeOf } from "../top-of-book.ts";

/** Everything is a string, the time too; no number keeps trailing zeros. */
export function tickerFrame(tick: PairTick): object {
  const { symbol: instId, written } = tick;
  const decimals = tick.pair.decimals ?? 8;
  const price = (value: number) => trimmed(plain(value, decimals));
  const size = (salt: number) => trimmed(plain(sizeOf(tick.time + salt), 8));
  const { bid, ask } = bestOf(tick, decimals);
  const row = {
    instType: "SPOT",
    instId,
    last: written === undefined ? price(tick.last) : written,
    lastSz: size(0),
    askPx: price(ask),
    askSz: size(1),
    bidPx: price(bid),
    bidSz: size(2),
    open24h: price(tick.open),
    high24h: price(tick.high),
    low24h: price(tick.low),
    // This market knows no price at midnight, here or in Hong Kong.
    sodUtc0: price(tick.open),
    sodUtc8: price(tick.open),
    volCcy24h: trimmed(plain(tick.quoteVolume, 8)),
    vol24h: trimmed(plain(tick.volume, 8)),
    ts: String(tick.time),
  };
  return { arg: { channel: "tickers", instId }, data: [row] };
}

/** One row of `/api/v5/public/instruments`: what futures and options have besides is empty. */
export const instrument = ({ symbol, base, quote, decimals = 8, active }: Pair): object => ({
  alias: "",
  baseCcy: base,
  category: "1",
  ctMult: "",
  ctType: "",
  ctVal: "",
  ctValCcy: "",
  expTime: "",
  instFamily: "",
  instId: symbol,
  instType: "SPOT",
  lever: "10",
  listTime: String(Math.floor(1.6e12 + lot(`listed ${symbol}`) * 1e11)),
  lotSz: "0.00000001",
  maxLmtSz: "9999999999",
  maxMktSz: "1000000",
  minSz: "0.00001",
  optType: "",
  quoteCcy: quote,
  ruleType: "normal",
  settleCcy: "",
  state: active ? "live" : "suspend",
  stk: "",
  tickSz: trimmed(plain(10 ** -decimals, decimals)),
  uly: "",
});
