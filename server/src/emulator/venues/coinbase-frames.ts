/** Coinbase's frames: https://docs.cdp.coinbase.com/exchange/websocket-feed/channels */
import { plain, trimmed } from "../decimals.ts";
import { lot } from "../random.ts";
import type { PairTick } from "../tape.ts";
import { microseconds } from "../timestamps.ts";
import { bestOf, sizeOf } from "../top-of-book.ts";

/** One trade with the numbers that Coinbase gave it. */
export type Trade = { tick: PairTick; sequence: number; id: number };

/** Days of trading that `volume_30d` holds, at the pace of the last one. */
const MONTH = 30;

/** Prices lose their trailing zeros, bid and ask and volumes keep theirs. */
export function tickerFrame({ tick, sequence, id }: Trade) {
  const decimals = tick.pair.decimals ?? 8;
  const price = (value: number) => trimmed(plain(value, decimals));
  const { bid, ask } = bestOf(tick, decimals);
  return {
    type: "ticker",
    sequence,
    product_id: tick.symbol,
    price: tick.written === undefined ? price(tick.last) : tick.written,
    open_24h: price(tick.open),
    volume_24h: plain(tick.volume, 8),
    low_24h: price(tick.low),
    high_24h: price(tick.high),
    volume_30d: plain(tick.volume * MONTH, 8),
    best_bid: plain(bid, decimals),
    best_bid_size: plain(sizeOf(id + 1), 8),
    best_ask: plain(ask, decimals),
    best_ask_size: plain(sizeOf(id + 2), 8),
    side: takerSide(id),
    time: microseconds(tick.time, id),
    trade_id: id,
    last_size: trimmed(plain(sizeOf(id), 8)),
  };
}

/** `type` is `match`, or `last_match` for the one before the subscription. */
export const matchFrame = (type: "match" | "last_match", { tick, sequence, id }: Trade) => ({
  type,
  trade_id: id,
  maker_order_id: uuid(`maker ${tick.symbol} ${id}`),
  taker_order_id: uuid(`taker ${tick.symbol} ${id}`),
  // A match names the maker's side.
  side: takerSide(id) === "buy" ? "sell" : "buy",
  size: trimmed(plain(sizeOf(id), 8)),
  price:
    tick.written === undefined ? trimmed(plain(tick.last, tick.pair.decimals ?? 8)) : tick.written,
  product_id: tick.symbol,
  sequence,
  time: microseconds(tick.time, id),
});

export const heartbeatFrame = (product: string, { sequence, id }: Trade, now: number) => ({
  type: "heartbeat",
  last_trade_id: id,
  product_id: product,
  sequence,
  time: microseconds(now, sequence),
});

const takerSide = (id: number) => (lot(`side ${id}`) < 0.5 ? "buy" : "sell");

const uuid = (text: string): string => {
  const digits = [0, 1, 2, 3].map((n) => Math.floor(lot(`${n} ${text}`) * 2 ** 32));
  const hex = digits.map((part) => part.toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
};
