import { kraken } from "../../../src/sources/kraken.ts";
import type { SourceCase } from "../case.ts";

export const krakenCase: SourceCase = {
  source: kraken,
  exchange: "kraken",
  documented: [
    {
      kind: "ticks",
      frame:
        '{"channel":"ticker","type":"snapshot","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.0,"ask":0.10036,"ask_qty":1361.44813783,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17}]}',
    },
    {
      kind: "ticks",
      frame:
        '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":102.9,"bid_qty":1.00000,"ask":103.1,"ask_qty":2.50000,"last":103.0,"volume":1.00000,"vwap":103.0,"low":102.0,"high":104.0,"change":1.0,"change_pct":0.98,"trades":12,"timestamp":"2026-09-25T09:04:31.742648Z"}]}',
    },
    {
      kind: "ack",
      frame:
        '{"method":"subscribe","result":{"channel":"ticker","event_trigger":"trades","snapshot":true,"symbol":"ALGO/USD"},"success":true,"time_in":"2023-09-25T09:04:31.742599Z","time_out":"2023-09-25T09:04:31.742648Z"}',
    },
    {
      kind: "error",
      frame:
        '{"error":"Currency pair not supported NOPE/USD","method":"subscribe","success":false,"symbol":"NOPE/USD","time_in":"2023-09-25T09:04:31.742599Z","time_out":"2023-09-25T09:04:31.742648Z"}',
    },
    { kind: "error", frame: '{"Error":"Exceeded msg rate"}' },
    { kind: "heartbeat", frame: '{"channel":"heartbeat"}' },
    {
      kind: "heartbeat",
      frame:
        '{"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z","time_out":"2023-09-24T14:10:23.799703Z"}',
    },
    {
      kind: "ignored",
      frame:
        '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":12525851468308464523,"upcoming_maintenance":[],"emergency":[]}]}',
    },
    {
      kind: "ignored",
      frame:
        '[340,{"a":["5525.40000",1,"1.000"],"b":["5525.10000",1,"1.000"],"c":["5525.10000","0.00398963"]},"ticker","XBT/USD"]',
    },
    {
      kind: "ack",
      frame:
        '{"channelID":10001,"channelName":"ticker","event":"subscriptionStatus","pair":"XBT/EUR","status":"subscribed","subscription":{"name":"ticker"}}',
    },
    { kind: "error", frame: '{"errorMessage":"Exceeded msg rate","event":"error","reqid":42}' },
    { kind: "heartbeat", frame: '{"event":"pong","reqid":42}' },
  ],
  captures: [
    { file: "cryptofeed/KRAKEN", prices: () => undefined },
    { file: "tardis-node/KRAKEN_v1", prices: () => undefined },
  ],
};
