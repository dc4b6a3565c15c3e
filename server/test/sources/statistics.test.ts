import { expect, it } from "vitest";
import { binance } from "../../src/sources/binance.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { coincap } from "../../src/sources/coincap.ts";

it("reads the volume of 24 h as Binance and Coinbase wrote it", () => {
  const miniTicker = '{"e":"24hrMiniTicker","s":"BNBBTC","c":"0.0025","v":"10000","q":"18"}';
  expect(binance.read(miniTicker)).toMatchObject({ ticks: [{ quoteVolume24h: "18" }] });
  const ticker = '{"type":"ticker","product_id":"BTC-USD","price":"1","volume_24h":"18256.52"}';
  expect(coinbase.read(ticker)).toMatchObject({ ticks: [{ baseVolume24h: "18256.52" }] });
});

const bitcoin = {
  id: "bitcoin",
  rank: "1",
  symbol: "BTC",
  name: "Bitcoin",
  maxSupply: null,
  marketCapUsd: "119150835874.4699281625807300",
  volumeUsd24Hr: "2927959461.1750323310959460",
  changePercent24Hr: "-0.8101417214350335",
};

it("reads CoinCap's figures by id; null, empty and nonsense are unknown, the rest beside it stays", () => {
  const broken = { ...bitcoin, id: "broken", rank: "", marketCapUsd: null, volumeUsd24Hr: "much" };
  const { assets, figures } = coincap.listing.read({ data: [bitcoin, broken, null, { id: 7 }] });
  expect(assets?.map(({ id }) => id)).toEqual(["bitcoin", "broken"]);
  expect(Object.fromEntries(figures ?? [])).toEqual({
    bitcoin: {
      rank: 1,
      change24h: -0.8101417214350335,
      volume24hUsd: expect.closeTo(2927959461.175, 3),
      marketCapUsd: expect.closeTo(119150835874.47, 2),
    },
    broken: {
      rank: undefined,
      change24h: -0.8101417214350335,
      volume24hUsd: undefined,
      marketCapUsd: undefined,
    },
  });
});
