import { okx } from "../../../src/sources/okx.ts";
import type { CapturedCase, SourceCase } from "../case.ts";

/** Of v5; the frames of v3 have a `table` instead of an `arg`. */
const prices: CapturedCase["prices"] = (raw) => {
  const { arg, data } = JSON.parse(raw);
  if (arg?.channel !== "tickers" || !data) return undefined;
  return Array.from(data, (row) => {
    const { instId, last, ts } = Object(row);
    return { symbol: instId, price: last, time: Number(ts) };
  });
};

export const okxCase: SourceCase = {
  source: okx,
  exchange: "okx",
  documented: [
    {
      kind: "ticks",
      frame:
        '{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"9999.99","lastSz":"0.1","askPx":"9999.99","askSz":"11","bidPx":"8888.88","bidSz":"5","open24h":"9000","high24h":"10000","low24h":"8888.88","volCcy24h":"2222","vol24h":"2222","sodUtc0":"2222","sodUtc8":"2222","ts":"1597026383085"}]}',
    },
    {
      kind: "ack",
      frame:
        '{"id":"1512","event":"subscribe","arg":{"channel":"tickers","instId":"BTC-USDT"},"connId":"accb8e21"}',
    },
    {
      kind: "error",
      frame:
        '{"id":"1512","event":"error","code":"60012","msg":"Invalid request: {\\"op\\": \\"subscribe\\", \\"argss\\":[{ \\"channel\\" : \\"tickers\\", \\"instId\\" : \\"BTC-USDT\\"}]}","connId":"a4d3ae55"}',
    },
    {
      kind: "error",
      frame:
        '{"event":"error","msg":"Wrong URL or channel:tickers,instId:NOPE-USDT doesn\'t exist. Please use the correct URL, channel and parameters referring to API document.","code":"60018","connId":"a4d3ae55"}',
    },
    {
      kind: "error",
      frame: '{"event":"error","msg":"Requests too frequent","code":"60014","connId":"a4d3ae55"}',
    },
    {
      kind: "reconnect",
      frame:
        '{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"}',
    },
    {
      kind: "ignored",
      frame:
        '{"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"}',
    },
    { kind: "heartbeat", frame: "pong" },
    {
      kind: "ignored",
      frame:
        '{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1630048897897"}]}',
    },
  ],
  captures: [
    { file: "cryptofeed/OKX", prices },
    { file: "tardis-node/OKX_spot", prices },
  ],
};
