import { expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createFeed } from "../../src/feed/feed.ts";
import { createConnectBudgets } from "../../src/feed/link/budget.ts";
import { dial } from "../../src/feed/link/dial.ts";
import { rest } from "../../src/feed/link/rest.ts";
import { bundledAssets } from "../../src/sources/assets.ts";
import { sources } from "../../src/sources/index.ts";
import type { Quote } from "../../src/types.ts";
import { until } from "../support/client.ts";
import { PRIORITY, QUICK, silentLog } from "../support/gateway.ts";

/** Needs internet, and for CoinCap a key: `npm run test:live`. CoinCap's v2 has no public address. */
it.each(sources.filter(({ name }) => name !== "coincap-v2"))(
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
      pricing: PRIORITY,
      network: { dial, rest, budgets: createConnectBudgets() },
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      publish: (quote) => quotes.push(quote),
      listedChange: () => undefined,
      figures: () => {},
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
