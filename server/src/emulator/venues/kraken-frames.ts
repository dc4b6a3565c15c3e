/** Kraken's frames: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/ticker */
import { plain } from "../decimals.ts";
import type { PairTick } from "../tape.ts";
import { microseconds } from "../timestamps.ts";
import { bestOf, sizeOf } from "../top-of-book.ts";

/** One trade, and how many there were in its 24 hours. */
export type Traded = { tick: PairTick; trades: number };

/** The first connection's number: like the real ones, more than a JSON number holds elsewhere. */
const FIRST_CONNECTION = 12525851468308464523n;

export const HEARTBEAT: Buffer = Buffer.from('{"channel":"heartbeat"}');

/** What Kraken says first. `n` counts the connections. */
export function statusFrame(n: number): Buffer {
  const row = object({
    version: '"2.0.10"',
    system: '"online"',
    api_version: '"v2"',
    connection_id: String(FIRST_CONNECTION + BigInt(n)),
    upcoming_maintenance: "[]",
    emergency: "[]",
  });
  return Buffer.from(`{"channel":"status","type":"update","data":[${row}]}`);
}

/** An update is a whole object, not a patch. Prices have the pair's decimals, quantities eight. */
export function tickerFrame(type: "snapshot" | "update", { tick, trades }: Traded): Buffer {
  const decimals = tick.pair.decimals ?? 8;
  const price = (value: number) => plain(value, decimals);
  const { bid, ask } = bestOf(tick, decimals);
  const change = tick.last - tick.open;
  const row = object({
    symbol: JSON.stringify(tick.symbol),
    bid: price(bid),
    bid_qty: plain(sizeOf(trades + 1), 8),
    ask: price(ask),
    ask_qty: plain(sizeOf(trades + 2), 8),
    last: tick.written === undefined ? price(tick.last) : JSON.stringify(tick.written),
    volume: plain(tick.volume, 8),
    vwap: price(tick.quoteVolume / tick.volume),
    low: price(tick.low),
    high: price(tick.high),
    change: price(change),
    change_pct: plain((100 * change) / tick.open, 2),
    trades: String(trades),
    timestamp: JSON.stringify(microseconds(tick.time, trades)),
  });
  return Buffer.from(`{"channel":"ticker","type":"${type}","data":[${row}]}`);
}

/** JSON of an object whose values are JSON text already, so that numbers keep their zeros. */
const object = (members: Readonly<Record<string, string>>): string =>
  `{${Object.entries(members)
    .map(([key, text]) => `"${key}":${text}`)
    .join()}}`;
