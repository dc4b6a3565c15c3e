import { createBook } from "../../server/src/book/book.ts";
import { manualClock } from "../../server/src/clock.ts";
import { createFeed } from "../../server/src/feed/feed.ts";
import { createLog } from "../../server/src/log.ts";
import { coinbase } from "../../server/src/sources/coinbase.ts";
import { type Contender, same } from "./contender.ts";
import type { Workload } from "./workloads.ts";

const STALE_AFTER_MS = 60_000;

/** Coinbase tells so often what USDT is worth, so that its prices are treated as they are live. */
const RATE_EVERY_MS = 30_000;

/** At this rate a converted price has the value that the frame told. */
const RATE = "1";

/** The stages of the gateway from `source.read` to the book, wired as `gateway.ts` wires them. */
export function gateway({ source, assets, told }: Workload): Contender {
  const clock = manualClock(0);
  const book = createBook({ epoch: "bench", staleAfterMs: STALE_AFTER_MS });
  const sources = source === coinbase ? [coinbase] : [source, coinbase];
  const feed = createFeed({
    sources: sources.map((source) => ({
      source,
      endpoint: source.facts.endpoint,
      key: undefined,
    })),
    assets,
    timing: {
      staleAfterMs: STALE_AFTER_MS,
      failoverAfterMs: 30_000,
      holdMs: 10_000,
      connectTimeoutMs: 10_000,
      stableMs: 60_000,
      fatalRetryMs: 60_000,
      backoff: { baseMs: 1000, capMs: 30_000 },
    },
    pricing: { policy: "priority", minSources: 1 },
    network: undefined,
    clock,
    random: Math.random,
    log: createLog("silent", false),
    publish: (quote) => book.put(quote, clock.now()),
    listedChange: () => undefined,
    figures: () => {},
  });
  let ratedAt = 0;

  return {
    name: "this gateway",
    key: "gateway",
    computes: "checked prices of known assets, entered in the book",
    take({ text, at }) {
      clock.advanceTo(at);
      if (source !== coinbase && at - ratedAt >= RATE_EVERY_MS) {
        feed.frame(coinbase, rateFrame(at));
        ratedAt = at;
      }
      feed.frame(source, text);
    },
    prove() {
      const made = book.since(0).filter(({ asset }) => asset !== RATED);
      const due = speaking(told);
      due.delete(RATED);
      same(
        "this gateway",
        made.map(({ price }) => Number(price)),
        [...due.values()],
      );
    },
  };
}

/** The asset whose price is the rate; it is left out of the proof. */
const RATED = "tether";

const rateFrame = (at: number): string =>
  JSON.stringify({
    type: "ticker",
    product_id: "USDT-USD",
    price: RATE,
    time: new Date(at).toISOString(),
  });

/** The price that speaks for each asset: of its pairs, the one in the best quote. */
function speaking(told: Workload["told"]): Map<string, number> {
  const prices = new Map<string, number>();
  for (const best of ["USD", "USDT", "USDC"]) {
    for (const [{ asset, quote }, price] of told) {
      if (quote === best && !prices.has(asset)) prices.set(asset, price);
    }
  }
  return prices;
}
