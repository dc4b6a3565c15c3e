import { createBook } from "../../src/book/book.ts";
import { manualClock } from "../../src/clock.ts";
import { createHub } from "../../src/hub/hub.ts";
import { createV1 } from "../../src/hub/v1.ts";
import type { Asset, Quote } from "../../src/types.ts";
import { everybody } from "../../src/wire/access.ts";
import { createDoor } from "../../src/wire/door.ts";
import { createHttp } from "../../src/wire/http.ts";
import { defaultLimits, type Limits } from "../../src/wire/limits.ts";
import { serveSse } from "../../src/wire/sse.ts";
import { createTally } from "../../src/wire/tally.ts";
import { silentLog } from "./gateway.ts";
import { quoteOf } from "./quote.ts";

const START = Date.UTC(2026, 0, 1);
const STALE_AFTER_MS = 60_000;
const MOST_ASSETS = 50;

export type Edge = Awaited<ReturnType<typeof startEdge>>;

/**
 * REST and server-sent events on a book that the test writes, over real sockets. Time stands still until
 * it is moved.
 */
export async function startEdge(others: Partial<Limits> = {}) {
  const limits = { ...defaultLimits, assetsPerSubscription: MOST_ASSETS, ...others };
  const refused = createTally();
  const clock = manualClock(START);
  const book = createBook({ epoch: "e1", staleAfterMs: STALE_AFTER_MS });
  const hub = createHub({ clock, log: silentLog });
  const v1 = createV1({
    book,
    now: clock.now,
    wallNow: clock.now,
    mode: "live",
    limits: { messageBytes: 4096, messagesPerSecond: 20, assets: MOST_ASSETS },
  });
  const known = (["BTC bitcoin", "ETH ethereum", "SOL solana"] as const).map((line, i) => {
    const [symbol = "", id = ""] = line.split(" ");
    return { id, symbol, name: id, rank: i + 1 } satisfies Asset;
  });
  const find = (name: string) =>
    known.find(({ id, symbol }) => id === name || symbol === name.toUpperCase());
  const app = await createHttp({
    book,
    mode: "live",
    now: clock.now,
    find,
    asset: find,
    views: () => [],
    statistics: () => ({ rank: undefined, volume24hUsd: undefined, marketCapUsd: undefined }),
    health: () => {
      throw new Error("not asked for here");
    },
    stats: () => ({}),
    unready: () => undefined,
    metrics: async () => ({ contentType: "text/plain", text: "" }),
    page: "/nowhere",
    control: undefined,
    clock,
    log: silentLog,
    limits,
    refused,
    access: everybody,
  });
  const admit = createDoor({
    limits,
    probeSecret: "none",
    clock,
    log: silentLog,
    refused,
    isDraining: () => false,
  });
  const streams = serveSse(app, {
    hub,
    v1,
    book,
    find,
    clock,
    log: silentLog,
    limits,
    refused,
    admit,
    access: everybody,
    isDraining: () => false,
    random: () => 0,
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });

  return {
    url,
    port: Number(new URL(url).port),
    book,
    hub,
    streams,
    refused,
    now: clock.now,
    /** Enters a price, as an exchange would. */
    put(asset: string, price: string, more: Partial<Quote> = {}) {
      book.put(quoteOf(asset, price, { receivedAt: clock.now(), ...more }), clock.now());
      hub.tick();
    },
    /** The asset is priced no more. */
    delist(asset: string) {
      this.put(asset, "1", { receivedAt: START - 25 * 3_600_000 });
      book.sweep(clock.now());
    },
    /** Lets time go by, ms. */
    pass: (ms: number) => clock.advanceTo(clock.now() + ms),
    async close() {
      await streams.close();
      hub.close();
      await app.close();
    },
  };
}
