import { createListeners } from "./listeners.ts";
import type { Price } from "./mirror.ts";
import type { Settings } from "./options.ts";
import { IDLE, type StreamStatus } from "./status.ts";
import { createStore, isSame } from "./store.ts";
import type { Wish } from "./transport.ts";

/** What subscribers ask for is gathered for this long, so that it never is a flood, ms. */
const GATHER_MS = 120;

const NOTHING_FRESH = {
  state: "stale",
  reason: "There is no fresh price of what is asked for.",
} as const;

export type Shown = ReturnType<typeof createShown>;

/**
 * What an application sees of a stream, and what it asks for.
 * @param onWish called when it asks for something else
 */
export function createShown(settings: Settings, onWish: () => void) {
  const { assets, clock, verbose, maxReconnectAttempts: maxAttempts } = settings;
  // Within a list it is no name.
  const given = assets === "*" ? [assets] : assets.filter((name) => name !== "*");
  const store = createStore(settings.nextFrame);
  const statuses = createListeners<StreamStatus>();
  const lines = createListeners<string>();
  /** The name that each subscriber uses, by its undo. */
  const names = new Map<() => void, string>();
  let cancelGather: (() => void) | undefined;
  let status: StreamStatus = { ...IDLE, maxAttempts };

  const gather = () => {
    cancelGather ??= clock.after(GATHER_MS, () => {
      cancelGather = undefined;
      onWish();
    });
  };

  return {
    store,

    /** What is asked for has to be compared with what was. */
    gather,

    wish: (): Wish => new Set([...given, ...names.values()].map(store.idOf)),

    /** The status is the same but for this. */
    enter(change: Partial<StreamStatus>) {
      const next = { ...status, nextAttemptInMs: undefined, ...change };
      if (next.state === "live" && !store.isFresh()) Object.assign(next, NOTHING_FRESH);
      if (status.state === "closed" || isSame(status, next)) return;
      status = next;
      if (next.state === "closed") cancelGather?.();
      // Before anyone hears of it: nobody vouches for a price while the stream is not live.
      if (next.state !== "live") store.expireAll();
      statuses.call(next, () => status === next);
    },

    /** Tells a line of the story. */
    log(line: string) {
      const isTrue = () => status.state !== "closed" || line === status.reason;
      if (verbose && isTrue()) console.log(`[PriceWebSocket] ${line}`);
      lines.call(line, isTrue);
    },

    /** What is the same for streams of every kind. */
    stream: {
      subscribe(asset: string, fn: (price: Price) => void) {
        if (typeof asset !== "string") {
          throw new TypeError("subscribe(asset, fn): asset is no string");
        }
        if (typeof fn !== "function") {
          throw new TypeError("subscribe(asset, fn): fn is no function");
        }
        const undo = store.subscribe((changed) => {
          const price = changed.get(store.idOf(asset));
          if (price) fn(price);
        });
        names.set(undo, asset);
        gather();
        return () => {
          undo();
          names.delete(undo);
          gather();
        };
      },
      subscribeAll: (fn: (changed: readonly Price[]) => void) =>
        store.subscribe((changed) => fn([...changed.values()])),
      get: store.get,
      all: store.all,
      get status() {
        return status;
      },
      onStatus: statuses.add,
      ageMs(asset?: string) {
        const receivedAt = store.receivedAt(asset);
        return receivedAt === undefined ? null : Math.max(0, clock.now() - receivedAt);
      },
      onLog: lines.add,
    },
  };
}
