import { expect, it } from "vitest";
import { manualClock } from "../../src/clock.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { bundledAssets } from "../../src/sources/assets.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { coincap } from "../../src/sources/coincap.ts";
import type { Quote } from "../../src/types.ts";
import { PRIORITY, QUICK, silentLog } from "../support/gateway.ts";

it.each([1000, 1100, 1249])(
  "decides who speaks before the first frame of each quarter of a second, started at %i ms",
  (startedAt) => {
    const clock = manualClock(startedAt);
    const quotes: Quote[] = [];
    const source = { key: undefined, endpoint: { ws: "", rest: "" } };
    const feed = createFeed({
      sources: [
        { source: coincap, ...source },
        { source: coinbase, ...source },
      ],
      assets: bundledAssets,
      timing: QUICK,
      pricing: PRIORITY,
      network: undefined,
      clock,
      random: () => 0,
      log: silentLog,
      publish: (quote) => quotes.push(quote),
      listedChange: () => undefined,
      figures() {},
    });
    feed.start();
    const receive = (at: number, from: typeof coinbase, frame: object) => {
      clock.advanceTo(at);
      feed.frame(from, JSON.stringify(frame));
    };
    const ticker = (price: string) => ({ type: "ticker", product_id: "BTC-USD", price });
    receive(1252, coinbase, ticker("100"));
    receive(1253, coincap, { bitcoin: "101" });
    receive(1499, coinbase, ticker("102"));
    receive(1501, coinbase, ticker("103"));
    feed.stop();
    expect(quotes.map(({ price }) => price)).toEqual(["100", "102", "101"]);
  },
);
