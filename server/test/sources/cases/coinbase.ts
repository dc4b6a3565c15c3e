import { coinbase as source } from "../../../src/sources/coinbase.ts";
import type { SourceCase } from "../case.ts";

function prices(raw: string) {
  const { type, product_id: symbol, price, time } = JSON.parse(raw);
  return type === "ticker" ? [{ symbol, price, time: Date.parse(time) }] : undefined;
}

export const coinbase: SourceCase = {
  source,
  exchange: "coinbase",
  documented: [
    {
      kind: "ticks",
      frame:
        '{"type":"ticker","sequence":37475248783,"product_id":"ETH-USD","price":"1285.22","open_24h":"1310.79","volume_24h":"245532.79","low_24h":"1280.52","high_24h":"1313.8","volume_30d":"9788783.6","best_bid":"1285.04","best_bid_size":"0.46","best_ask":"1285.27","best_ask_size":"1.56","side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"}',
    },
    {
      kind: "ack",
      frame:
        '{"type":"subscriptions","channels":[{"name":"ticker_1000","product_ids":["BTC-USD"],"account_ids":null}]}',
    },
    {
      kind: "heartbeat",
      frame:
        '{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}',
    },
    {
      kind: "error",
      frame:
        '{"type":"error","message":"Failed to subscribe","reason":"NOPE-USD is not a valid product"}',
    },
    {
      kind: "ignored",
      frame:
        '{"type":"match","trade_id":10,"sequence":50,"maker_order_id":"ac928c66-ca53-498f-9c13-a110027a60e8","taker_order_id":"132fb6ae-456b-4654-b4e0-d681ac05cea1","time":"2014-11-07T08:19:27.028459Z","product_id":"BTC-USD","size":"5.23512","price":"400.23","side":"sell"}',
    },
  ],
  captures: [
    { file: "cryptofeed/COINBASE", prices },
    { file: "tardis-node/COINBASE", prices },
  ],
};
