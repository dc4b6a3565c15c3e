import { expect, it } from "vitest";
import { manualClock } from "../../src/clock.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { bundledAssets } from "../../src/sources/assets.ts";
import { binance } from "../../src/sources/binance.ts";
import type { Quote } from "../../src/types.ts";
import { PRIORITY, QUICK, silentLog } from "../support/gateway.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");

it.each([
  [NOW - 1000, NOW - 1000],
  [NOW + 240_000, NOW + 240_000],
  [NOW + 301_000, undefined],
  [-1, undefined],
  [-1e300, undefined],
])("takes a price told with the time %d, and the time only if it can be one", (time, taken) => {
  const quotes: Quote[] = [];
  const feed = createFeed({
    sources: [{ source: binance, endpoint: binance.facts.endpoint, key: undefined }],
    assets: bundledAssets,
    timing: QUICK,
    pricing: PRIORITY,
    network: undefined,
    clock: manualClock(NOW),
    random: Math.random,
    log: silentLog,
    publish: (quote) => quotes.push(quote),
    listedChange: () => undefined,
    figures: () => {},
  });
  feed.frame(
    binance,
    JSON.stringify([{ e: "24hrMiniTicker", E: time, s: "BTCUSDT", c: "97123.4" }]),
  );
  expect(quotes).toMatchObject([{ asset: "bitcoin", price: "97123.4", exchangeTime: taken }]);
});
