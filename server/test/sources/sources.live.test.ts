import { expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { dial } from "../../src/feed/dial.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { fetchJson } from "../../src/feed/rest.ts";
import { bundledAssets } from "../../src/sources/assets.ts";
import { sources } from "../../src/sources/index.ts";
import type { Quote } from "../../src/types.ts";
import { until } from "../support/client.ts";
import { QUICK, silentLog } from "../support/gateway.ts";

/** Needs internet, and for CoinCap a key: `npm run test:live`. */
it.each(sources)(
  "$name brings prices from the real exchange, and no frame it can't name",
  async (source) => {
    const { keyVariable, endpoint, silenceMs } = source.facts;
    const key = keyVariable && process.env[keyVariable];
    if (keyVariable && !key) throw new Error(`set ${keyVariable} to test ${source.name}`);
    const quotes: Quote[] = [];
    const feed = createFeed({
      sources: [{ source, endpoint, key }],
      assets: bundledAssets,
      timing: { ...QUICK, connectTimeoutMs: 10_000, silenceMs },
      network: () => ({ dial, fetchJson }),
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      publish: (quote) => quotes.push(quote),
    });
    feed.start();
    try {
      await until(() => quotes.length > 50, 30_000);
      const [health] = feed.health().sources;
      expect(health?.frames.unknown).toBeUndefined();
      expect(health?.frames.bad).toBeUndefined();
      expect(health?.rejected.bad_price).toBeUndefined();
    } finally {
      feed.stop();
    }
  },
  40_000,
);
