import { createPriceStream } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { Settings } from "../options.ts";
import { lentClock } from "./lent-clock.ts";
import type { Told } from "./messages.ts";

export type Leader = ReturnType<typeof createLeader>;

/**
 * The one real stream, of all that the tabs want.
 * @param tell called with what has changed
 */
export function createLeader(settings: Settings, tell: (told: Told) => void) {
  const clock = lentClock(settings.clock);
  /** What is asked for by name → its undo. */
  const asked = new Map<string, () => void>();

  const stream = createPriceStream({
    ...settings,
    assets: [],
    clock,
    // Frames and timers of a hidden tab would hold back what the others wait for.
    nextFrame: (fn) => queueMicrotask(fn),
    verbose: false,
  });

  const told = (prices: Iterable<Price>): Told => {
    const rows: Told["rows"] = [];
    const gone: string[] = [];
    for (const asset of new Set(Array.from(prices, ({ asset }) => asset))) {
      const price = stream.get(asset);
      if (price) rows.push([price, stream.ageMs(asset)]);
      else gone.push(asset);
    }
    const names = [...asked.keys()].map((name) => [name, stream.get(name)?.asset ?? name]);
    return {
      status: stream.status,
      diagnostics: stream.diagnostics(),
      rows,
      gone,
      names: Object.fromEntries(names),
      log: [],
    };
  };

  stream.subscribeAll((prices) => tell(told(prices)));
  stream.onStatus(() => tell(told(stream.all().values())));
  // Its reasons they have from its status.
  stream.onLog((line) => line !== stream.status.reason && tell({ ...told([]), log: [line] }));

  return {
    want(names: readonly string[]) {
      const wanted = new Set(names);
      for (const name of wanted)
        if (!asked.has(name)) asked.set(name, stream.subscribe(name, ignore));
      for (const [name, undo] of asked) if (!wanted.has(name) && asked.delete(name)) undo();
    },
    /** How the stream is, and nothing of prices. */
    beat: (): Told => told([]),
    /** All prices that a tab wants. */
    whole(names: readonly string[]): Told {
      const wanted = new Set(names.map((name) => stream.get(name)));
      const all = names.includes("*");
      return told([...stream.all().values()].filter((price) => all || wanted.has(price)));
    },
    /** Does what the tab's own timers were too slow for. */
    catchUp: clock.catchUp,
    retry: stream.retry,
    ping: stream.ping,
    close: stream.close,
  };
}

const ignore = () => {};
