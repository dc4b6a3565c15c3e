import type { Settings } from "../options.ts";
import { createShown } from "../shown.ts";
import { NO_FIGURES } from "../status.ts";
import type { Told } from "./messages.ts";

export type View = ReturnType<typeof createView>;

/**
 * What one tab shows: of all that the leader tells, what this tab asks for.
 * @param onWants called when it asks for something else
 */
export function createView(settings: Settings, onWants: () => void) {
  const shown = createShown(settings, onWants);
  const { store, stream } = shown;
  let figures = NO_FIGURES;

  return {
    wants: () => [...shown.wish()],
    status: () => stream.status,

    take({ status, diagnostics, rows, gone, names, log }: Told) {
      const wanted = new Set([...shown.wish()].map((name) => names[name] ?? name));
      const ages = new Map(rows);
      const all = new Map(store.all());
      for (const [price] of rows) all.set(price.asset, price);
      for (const asset of gone) all.delete(asset);
      const prices = new Map([...all].filter(([asset]) => wanted.has("*") || wanted.has(asset)));
      store.take({ prices, names, ageMs: (price) => ages.get(price) }, settings.clock.now());
      figures = diagnostics;
      log.forEach(shown.log);
      // It may be stale here: what is fresh may be what other tabs ask for.
      shown.enter(status);
    },

    /** Nobody vouches for what is shown, until it is told anew. */
    lose(reason: string, state: "stale" | "closed" = "stale") {
      shown.enter({ state, reason, attempt: 0 });
    },

    stream: Object.assign(stream, { diagnostics: () => figures }),
  };
}
