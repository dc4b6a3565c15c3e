import { createPriceStream } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { Settings } from "../options.ts";
import { lentClock } from "./lent-clock.ts";
import type { Told } from "./messages.ts";

export type Leader = ReturnType<typeof createLeader>;

/**
 * The one real stream, of all that the tabs want.
 * @param wants names of all that
 * @param tell called with what has changed
 */
export function createLeader(
  settings: Settings,
  wants: () => readonly string[],
  tell: (told: Told) => void,
) {
  const clock = lentClock(settings.clock);
  /** What is asked for by name → its undo. */
  const asked = new Map<string, () => void>();

  const stream = createPriceStream({
    ...settings,
    assets: [],
    clock,
    // Frames and timers of a hidden tab would hold back what the others wait for.
    nextFrame: queueMicrotask,
    verbose: false,
  });

  const told = (prices: Iterable<Price>, ...log: string[]): Told => {
    const rows: Told["rows"] = [];
    const gone: string[] = [];
    for (const { asset } of prices) {
      const price = stream.get(asset);
      if (price) rows.push([price, stream.ageMs(asset)]);
      else gone.push(asset);
    }
    const names = Array.from(asked.keys(), (name) => [name, stream.get(name)?.asset ?? name]);
    return {
      status: stream.status,
      diagnostics: stream.diagnostics(),
      rows,
      gone,
      names: Object.fromEntries(names),
      log,
    };
  };

  /** The tabs want something else. */
  const want = () => {
    const wanted = new Set(wants());
    for (const name of wanted)
      if (!asked.has(name)) asked.set(name, stream.subscribe(name, ignore));
    for (const [name, undo] of asked) if (!wanted.has(name) && asked.delete(name)) undo();
  };

  want();
  stream.subscribeAll((prices) => tell(told(prices)));
  stream.onStatus(() => tell(told(stream.all().values())));
  // A line may come ahead of the status that it is about, and of its prices.
  stream.onLog((line) => queueMicrotask(() => tell(told([], line))));

  return {
    want,
    /** How the stream is, with the prices of these names. */
    tell: (names: readonly string[]): Told =>
      told(
        names.includes("*")
          ? stream.all().values()
          : names.flatMap((name) => stream.get(name) ?? []),
      ),
    /** Does what the tab's own timers were too slow for. */
    catchUp: clock.catchUp,
    retry: stream.retry,
    ping: stream.ping,
    close: stream.close,
  };
}

export const ignore = () => {};
