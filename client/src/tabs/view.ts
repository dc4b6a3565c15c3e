import type { Diagnostics } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { Settings } from "../options.ts";
import { createShown } from "../shown.ts";
import type { Told } from "./messages.ts";

export type View = ReturnType<typeof createView>;

/**
 * What one tab shows: of all that the leader tells, what this tab asks for.
 * @param onWants called when it asks for something else
 */
export function createView(settings: Settings, onWants: () => void) {
  const shown = createShown(settings, onWants);
  const { store, stream } = shown;
  let diagnostics = NO_DIAGNOSTICS;

  return {
    wants: () => [...shown.wish()],
    status: () => stream.status,

    take({ status, rows, gone, names, log, ...told }: Told) {
      const wanted = new Set(Array.from(shown.wish(), (name) => names[name] ?? name));
      const wantsAll = wanted.has("*");
      const ages = new Map(rows);
      const all = new Map(store.all());
      for (const price of ages.keys()) all.set(price.asset, price);
      for (const asset of gone) all.delete(asset);
      const prices = [...all.values()].filter(({ asset }) => wantsAll || wanted.has(asset));
      const ageMs = (price: Price) => ages.get(price) ?? undefined;
      store.take({ prices, names, continuous: false, ageMs }, settings.clock.now());
      diagnostics = told.diagnostics;
      log.forEach(shown.log);
      // What is fresh may be what other tabs ask for.
      const isFresh = status.state !== "live" || store.isFresh();
      shown.enter(isFresh ? status : { ...status, ...NOTHING_FRESH });
    },

    /** Nobody vouches for what is shown, until it is told anew. */
    lose(reason: string, state: "stale" | "closed" = "stale") {
      shown.enter({ ...stream.status, state, reason, attempt: 0, nextAttemptInMs: undefined });
    },

    stream: Object.assign(stream, { diagnostics: () => diagnostics }),
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
