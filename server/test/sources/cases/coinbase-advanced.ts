import { coinbaseAdvanced as source } from "../../../src/sources/coinbase-advanced.ts";
import type { SourceCase } from "../case.ts";

const envelope = (channel: string, timestamp: string, events: string) =>
  `{"channel":"${channel}","timestamp":"${timestamp}","sequence_num":0,"events":[${events}]}`;

const BITCOIN =
  '"type":"ticker","product_id":"BTC-USD","price":"21932.98","volume_24_h":"16038.28770938","low_24_h":"21835.29","high_24_h":"23011.18","low_52_w":"15460","high_52_w":"48240","price_percent_chg_24_h":"-4.15775596190603"';
const QUOTES =
  '"best_bid":"21931.98","best_bid_quantity":"8000.21","best_ask":"21933.98","best_ask_quantity":"8038.07770938"';
const NOW = "2023-02-09T20:30:37.167359596Z";

export const coinbaseAdvanced: SourceCase = {
  source,
  exchange: "coinbase-advanced",
  documented: [
    {
      kind: "ticks",
      frame: envelope("ticker", NOW, `{"type":"snapshot","tickers":[{${BITCOIN},${QUOTES}}]}`),
    },
    {
      kind: "ticks",
      frame: envelope("ticker_batch", NOW, `{"type":"update","tickers":[{${BITCOIN}}]}`),
    },
    {
      kind: "ack",
      frame: envelope("subscriptions", NOW, '{"subscriptions":{"ticker":["BTC-USD"]}}'),
    },
    { kind: "ack", frame: envelope("subscriptions", NOW, '{"subscriptions":{}}') },
    {
      kind: "heartbeat",
      frame: envelope(
        "heartbeats",
        "2026-09-05T22:10:30.25788961Z",
        '{"current_time":"2026-09-05 22:10:30.25788961 +0000 UTC m=+139651.27","heartbeat_counter":3049}',
      ),
    },
    { kind: "error", frame: '{"type":"error","message":"authentication failure"}' },
    {
      kind: "ignored",
      frame: envelope(
        "market_trades",
        NOW,
        '{"type":"update","trades":[{"trade_id":"000000000","product_id":"BTC-USD","price":"1260.01","size":"0.3","side":"BUY","time":"2019-08-14T20:42:27.265Z"}]}',
      ),
    },
  ],
  captures: [],
};
