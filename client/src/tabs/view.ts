import type { Diagnostics, StreamStatus } from "../client.ts";
import { createListeners } from "../listeners.ts";
import type { Price } from "../mirror.ts";
import type { Settings } from "../options.ts";
import { createStore, isSame } from "../store.ts";
import { NO_DIAGNOSTICS, NO_STATUS, type Told, type Wants } from "./messages.ts";

/** What subscribers ask for is gathered for this long, so that it never is a flood, ms. */
const GATHER_MS = 120;

export type View = ReturnType<typeof createView>;

/**
 * What one tab shows: of all that the leader tells, what this tab asks for.
 * @param onWants called when this tab asks for something else
 */
export function createView(settings: Settings, onWants: () => void) {
  const { assets, clock, verbose, maxReconnectAttempts: maxAttempts } = settings;
  const store = createStore(settings.nextFrame);
  const statusListeners = createListeners<StreamStatus>();
  const logListeners = createListeners<string>();
  /** Names that subscribers use → how many do. */
  const used = new Map<string, number>();
  /** Names → ids, as far as they differ. */
  const ids = new Map<string, string>();
  let status: StreamStatus = { ...NO_STATUS, maxAttempts };
  /** As the leader told it, and as it was then to be shown. */
  let told: StreamStatus | undefined;
  let base = status;
  let diagnostics: Diagnostics = NO_DIAGNOSTICS;
  let cancelGathering: (() => void) | undefined;

  const wants = (): Wants => {
    const all = assets === "*";
    return { all, names: [...new Set([...(all ? [] : assets), ...used.keys()])] };
  };

  const wanted = (): ((asset: string) => boolean) => {
    const { all, names } = wants();
    const assets = new Set(names.map((name) => ids.get(name) ?? name));
    return (asset) => all || assets.has(asset);
  };

  const doubt = () => {
    told = undefined;
    store.expireAll();
  };

  const settle = () => {
    // What is fresh may be what other tabs ask for.
    const isFresh = [...store.all().values()].some(({ stale }) => !stale);
    const next = base.state !== "live" || isFresh ? base : { ...base, ...NOTHING_FRESH };
    if (isSame(status, next)) return;
    status = next;
    if (next.state !== "live") store.expireAll();
    statusListeners.call(next);
  };

  const want = (asset: string, change: 1 | -1) => {
    const users = (used.get(asset) ?? 0) + change;
    if (users > 0) used.set(asset, users);
    else used.delete(asset);
    if (status.state === "closed") return;
    cancelGathering ??= clock.after(GATHER_MS, () => {
      cancelGathering = undefined;
      const isWanted = wanted();
      const gone = [...store.all().keys()].filter((asset) => !isWanted(asset));
      store.take({ ...NOTHING, gone }, clock.now());
      onWants();
    });
  };

  return {
    wants,
    status: () => status,

    /** @param isForUs whether its prices are for this tab too, else only what it tells of the stream */
    take(from: Told, isForUs: boolean) {
      const now = clock.now();
      diagnostics = from.diagnostics;
      if (!told || !isSame(told, from.status)) {
        told = from.status;
        const { nextAttemptInMs: waitMs } = told;
        const restMs = waitMs === undefined ? 0 : Math.max(0, waitMs - from.statusAgeMs);
        base = waitMs === undefined ? told : { ...told, nextAttemptInMs: restMs };
      }
      if (isForUs) {
        const names = Object.fromEntries(
          Object.entries(from.names).filter(([name, id]) => used.has(name) && ids.get(name) !== id),
        );
        for (const [name, id] of Object.entries(from.names)) ids.set(name, id);
        const isWanted = wanted();
        const ages = new Map(from.rows.filter(([{ asset }]) => isWanted(asset)));
        const { gone, absent } = from;
        const ageMs = (price: Price) => ages.get(price) ?? undefined;
        store.take({ ...NOTHING, prices: [...ages.keys()], gone, absent, names, ageMs }, now);
      }
      // Of another tab's asset, unless this one has them all.
      if (assets === "*" && from.newestAgeMs !== null) store.dateNewest(now - from.newestAgeMs);
      for (const line of from.log) {
        if (verbose) console.log(`[PriceWebSocket] ${line}`);
        logListeners.call(line);
      }
      settle();
    },

    /** Nobody vouches for what is shown until it is told anew. */
    doubt,

    /** The same, and nobody who could tell it is known at the moment. */
    lose(reason: string) {
      doubt();
      base = { ...base, state: "stale", reason };
      settle();
    },

    stream: {
      subscribe(asset: string, fn: (price: Price) => void) {
        const undo = store.subscribe(asset, fn);
        let isOver = false;
        want(asset, 1);
        return () => {
          if (isOver) return;
          isOver = true;
          undo();
          want(asset, -1);
        };
      },
      subscribeAll: store.subscribeAll,
      get: store.get,
      all: store.all,
      onStatus: statusListeners.add,
      ageMs(asset?: string) {
        const receivedAt = store.receivedAt(asset);
        return receivedAt === undefined ? null : Math.max(0, clock.now() - receivedAt);
      },
      diagnostics: () => diagnostics,
      onLog: logListeners.add,
      close() {
        cancelGathering?.();
        base = { ...base, state: "closed", reason: "Closed by the application." };
        settle();
      },
    },
  };
}

const NOTHING = {
  prices: [],
  absent: "same",
  gone: [],
  continuous: false,
  ageMs: () => undefined,
} as const;

const NOTHING_FRESH = {
  state: "stale",
  reason: "There is no fresh price of what is asked for.",
} as const;
