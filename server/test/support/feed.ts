import type { Logger } from "pino";
import { systemClock } from "../../src/clock.ts";
import { createFeed, type Feed } from "../../src/feed/feed.ts";
import { createConnectBudgets } from "../../src/feed/link/budget.ts";
import { dial } from "../../src/feed/link/dial.ts";
import { rest } from "../../src/feed/link/rest.ts";
import { bundledAssets } from "../../src/sources/assets.ts";
import type { Source } from "../../src/sources/source.ts";
import type { Endpoint, Quote } from "../../src/types.ts";
import { PRIORITY, QUICK, silentLog } from "./gateway.ts";

/** A running feed of one source, over real sockets, and all that it publishes. */
export function startFeed(
  source: Source,
  endpoint: Endpoint,
  options: { log?: Logger } = {},
): { feed: Feed; quotes: Quote[] } {
  const quotes: Quote[] = [];
  const feed = createFeed({
    sources: [{ source, endpoint, key: undefined }],
    assets: bundledAssets,
    pricing: PRIORITY,
    timing: QUICK,
    network: { dial, rest, budgets: createConnectBudgets() },
    clock: systemClock,
    random: Math.random,
    log: options.log ?? silentLog,
    publish: (quote) => quotes.push(quote),
    listedChange: () => undefined,
    figures: () => {},
  });
  feed.start();
  return { feed, quotes };
}
