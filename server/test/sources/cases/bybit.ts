import { bybit } from "../../../src/sources/bybit.ts";
import type { SourceCase } from "../case.ts";

/** The captures are of APIs that are retired, or hold no ticker. */
const noTicker = () => undefined;

export const bybitCase: SourceCase = {
  source: bybit,
  exchange: "bybit",
  documented: [
    {
      kind: "ticks",
      frame:
        '{"topic":"tickers.BTCUSDT","ts":1672305380595,"type":"snapshot","cs":496622841,"data":{"symbol":"BTCUSDT","lastPrice":"16363.78","highPrice24h":"16566.64","lowPrice24h":"16009.19","prevPrice24h":"16443.66","volume24h":"5865.470182","turnover24h":"95949815.680875","price24hPcnt":"-0.0049"}}',
    },
    {
      kind: "ack",
      frame:
        '{"success":true,"ret_msg":"subscribe","conn_id":"0970e817-426e-429a-a679-ff7f55e0b16a","op":"subscribe"}',
    },
    {
      kind: "heartbeat",
      frame:
        '{"success":true,"ret_msg":"pong","conn_id":"0970e817-426e-429a-a679-ff7f55e0b16a","op":"ping"}',
    },
    {
      kind: "error",
      frame:
        '{"success":false,"ret_msg":"error:handler not found,topic:tickers.NOPE","conn_id":"0970e817-426e-429a-a679-ff7f55e0b16a","req_id":"","op":"subscribe"}',
    },
    {
      kind: "ignored",
      frame:
        '{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false}]}',
    },
  ],
  captures: [
    { file: "cryptofeed/BYBIT", prices: noTicker },
    { file: "tardis-node/BYBIT_spot", prices: noTicker },
  ],
};
