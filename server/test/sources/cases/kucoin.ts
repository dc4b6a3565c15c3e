import { kucoin } from "../../../src/sources/kucoin.ts";
import type { CapturedCase, SourceCase } from "../case.ts";

const TICKER = "/market/ticker:";

const prices: CapturedCase["prices"] = (raw) => {
  const { topic, data } = JSON.parse(raw);
  if (!topic?.startsWith(TICKER)) return undefined;
  return [{ symbol: topic.slice(TICKER.length), price: data.price, time: data.time }];
};

export const kucoinCase: SourceCase = {
  source: kucoin,
  exchange: "kucoin",
  documented: [
    { kind: "ready", frame: '{"id":"hQvf8jkno","type":"welcome"}' },
    { kind: "ack", frame: '{"id":"1545910660739","type":"ack"}' },
    { kind: "heartbeat", frame: '{"id":"1545910590801","type":"pong"}' },
    {
      kind: "ticks",
      frame:
        '{"type":"message","topic":"/market/ticker:BTC-USDT","subject":"trade.ticker","data":{"sequence":"1545896668986","price":"0.08","size":"0.011","bestAsk":"0.08","bestAskSize":"0.18","bestBid":"0.049","bestBidSize":"0.036","time":1704873323416}}',
    },
    {
      kind: "ticks",
      frame:
        '{"topic":"/market/ticker:all","type":"message","subject":"BTC-USDT","data":{"bestAsk":"67218.7","bestAskSize":"1.92318539","bestBid":"67218.6","bestBidSize":"0.01045638","price":"67220","sequence":"14691455768","size":"0.00004316","time":1729757723612}}',
    },
    {
      kind: "ignored",
      frame:
        '{"topic":"/spotMarket/level2Depth5:BTC-USDT","type":"message","subject":"level2","data":{"asks":[["67996.7","1.14213262"]],"bids":[["67996.6","0.37969491"]],"timestamp":1729822226746}}',
    },
    {
      kind: "error",
      frame:
        '{"id":"1","type":"error","code":404,"data":"topic /market/ticker:NOPE-USDT is not found"}',
    },
  ],
  captures: [
    { file: "cryptofeed/KUCOIN", prices },
    { file: "tardis-node/KUCOIN", prices },
  ],
};
