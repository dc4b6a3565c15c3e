import type { Diagnostics, PriceStream, StreamStatus } from "../client.ts";
import { createListeners } from "../listeners.ts";
import type { Settings } from "../options.ts";
import { createStore, isSame } from "../store.ts";
import type { Told, Wants } from "./messages.ts";

/** What subscribers ask for is gathered for this long, so that it never is a flood, ms. */
const GATHER_MS = 120;

export type View = ReturnType<typeof createView>;

/**
 * What one tab shows: of all that the leader tells, what this tab asks for.
 * @param onWants called when it asks for something else
 */
export function createView(settings: Settings, onWants: () => void) {
  const { assets, clock, verbose, maxReconnectAttempts: maxAttempts } = settings;
  const store = createStore(settings.nextFrame);
  const statusListeners = createListeners<StreamStatus>();
  const logListeners = createListeners<string>();
  /** The name that each subscriber uses. */
  const uses = new Map<object, string>();
  let isGathering = false;
  let diagnostics = NO_DIAGNOSTICS;
  let status: StreamStatus = {
    state: "connecting",
    reason: "Not connected yet.",
    attempt: 0,
    maxAttempts,
    source: null,
    label: "none",
  };

  const wants = (): Wants => {
    const all = assets === "*";
    return { all, names: [...new Set([...(all ? [] : assets), ...uses.values()])] };
  };

  const gather = () => {
    if (isGathering) return;
    isGathering = true;
    clock.after(GATHER_MS, () => {
      isGathering = false;
      onWants();
    });
  };

  const enter = (told: StreamStatus) => {
    // What is fresh may be what other tabs ask for.
    const isFresh = [...store.all().values()].some(({ stale }) => !stale);
    const next = told.state !== "live" || isFresh ? told : { ...told, ...NOTHING_FRESH };
    if (isSame(status, next)) return;
    status = next;
    if (next.state !== "live") store.expireAll();
    statusListeners.call(next);
  };

  return {
    wants,
    status: () => status,

    take(told: Told) {
      const { all, names } = wants();
      const ids = names.map((name) => told.names[name] ?? store.get(name)?.asset ?? name);
      const wanted = new Set(ids);
      const isWanted = (asset: string) => all || wanted.has(asset);
      const unwanted = [...store.all().keys()].filter((asset) => !isWanted(asset));
      const ages = new Map(told.rows.filter(([{ asset }]) => isWanted(asset)));
      const newNames = Object.entries(told.names).filter(([name]) => !store.get(name));
      const news = {
        prices: [...ages.keys()],
        absent: "same" as const,
        gone: [...told.gone, ...unwanted],
        names: Object.fromEntries(newNames),
        continuous: false,
      };
      store.take({ ...news, ageMs: (price) => ages.get(price) ?? undefined }, clock.now());
      diagnostics = told.diagnostics;
      for (const line of told.log) {
        if (verbose) console.log(`[PriceWebSocket] ${line}`);
        logListeners.call(line);
      }
      enter(told.status);
    },

    /** Nobody vouches for what is shown, until it is told anew. */
    lose(reason: string, state: "stale" | "closed" = "stale") {
      const { source, label } = status;
      enter({ state, reason, attempt: 0, maxAttempts, source, label });
    },

    stream: {
      subscribe(asset, fn) {
        const undo = store.subscribe(asset, fn);
        const use = {};
        uses.set(use, asset);
        gather();
        return () => {
          undo();
          uses.delete(use);
          gather();
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
    } satisfies Partial<PriceStream>,
  };
}

const NOTHING_FRESH = { state: "stale", reason: "Nothing fresh of what is asked for." } as const;

const NO_DIAGNOSTICS: Diagnostics = {
  url: "",
  transport: "v1",
  isOpen: false,
  handshakeMs: null,
  latencyMs: null,
  lastError: null,
  messages: 0,
  bytes: 0,
  ignored: 0,
  epoch: null,
  seq: null,
};
