import { binance as source } from "../../../src/sources/binance.ts";
import type { SourceCase } from "../case.ts";

const TICKER =
  '{"e":"24hrMiniTicker","E":1672515782136,"s":"BNBBTC","c":"0.00250000","o":"0.00100000","h":"0.00250000","l":"0.00100000","v":"10000","q":"18"}';

/** No captured frame is a mini ticker. */
const none = () => undefined;

export const binance: SourceCase = {
  source,
  exchange: "binance",
  documented: [
    { kind: "ticks", frame: `[${TICKER}]` },
    { kind: "ticks", frame: TICKER },
    { kind: "ticks", frame: `{"stream":"!miniTicker@arr","data":[${TICKER}]}` },
    { kind: "ack", frame: '{"result":null,"id":1}' },
    { kind: "reconnect", frame: '{"e":"serverShutdown","E":1770123456789}' },
    {
      kind: "reconnect",
      frame: '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
    },
    {
      kind: "error",
      frame: '{"error":{"code":2,"msg":"Invalid request: unknown variant `SUBSCRIB`"},"id":2}',
    },
    {
      kind: "error",
      frame: '{"code":2,"msg":"Invalid request: property name must be a string"}',
    },
    {
      kind: "ignored",
      frame:
        '{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21","a":"25.36520000","A":"40.66"}',
    },
  ],
  captures: [
    { file: "cryptofeed/BINANCE", prices: none },
    { file: "tardis-node/BINANCE", prices: none },
  ],
};
