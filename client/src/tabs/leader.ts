import { createPriceStream, type PriceStream } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { Settings } from "../options.ts";
import type { Wish } from "../transport.ts";
import { withoutAsset } from "../url.ts";
import { lentClock } from "./lent-clock.ts";
import type { Told } from "./messages.ts";

export type Leader = ReturnType<typeof createLeader>;

/**
 * The one real stream, of all that the tabs want.
 * @param tell called with what has changed
 */
export function createLeader(settings: Settings, first: Wish, tell: (told: Told) => void) {
  const { url } = settings;
  const clock = lentClock(settings.clock);
  /** What is asked for by name → its undo. */
  const asked = new Map<string, () => void>();
  let isAll = first.all;

  const open = (): PriceStream => {
    const stream = createPriceStream({
      ...settings,
      url: typeof url === "string" ? withoutAsset(url) : url,
      assets: isAll ? "*" : [],
      clock,
      // Frames and timers of a hidden tab would hold back what the others wait for.
      nextFrame: (fn) => queueMicrotask(fn),
      verbose: false,
    });
    stream.subscribeAll((prices) => stream === shown && tell(told(prices)));
    stream.onLog((line) => tell({ ...told([]), log: [line] }));
    stream.onStatus(({ state }) => {
      if (stream !== newest || state === "closed") return;
      const before = shown;
      if (stream !== shown && state !== "connecting") {
        shown = stream;
        before.close();
      }
      if (stream === shown) tell(told([...before.all().values(), ...stream.all().values()]));
    });
    return stream;
  };

  const told = (prices: Iterable<Price>): Told => {
    const assets = new Set(Array.from(prices, ({ asset }) => asset));
    const rows: Told["rows"] = [];
    const gone: string[] = [];
    for (const asset of assets) {
      const price = shown.get(asset);
      if (price) rows.push([price, shown.ageMs(asset)]);
      else gone.push(asset);
    }
    const names = [...asked.keys()]
      .map((name) => [name, shown.get(name)?.asset ?? name] as const)
      .filter(([name, asset]) => name !== asset && assets.has(asset));
    return {
      status: shown.status,
      diagnostics: shown.diagnostics(),
      rows,
      gone,
      names: Object.fromEntries(names),
      log: [],
    };
  };

  const want = ({ all, names }: Wish) => {
    if (all !== isAll) {
      // A stream is of all assets or of some. The one so far is shown until the other has an answer.
      const last = newest;
      isAll = all;
      asked.clear();
      newest = open();
      if (last !== shown) last.close();
    }
    const wanted = new Set(names);
    for (const name of wanted)
      if (!asked.has(name)) asked.set(name, newest.subscribe(name, ignore));
    for (const [name, undo] of asked) if (!wanted.has(name) && asked.delete(name)) undo();
  };

  let newest = open();
  let shown = newest;
  want(first);

  return {
    want,
    /** How the stream is, and nothing of prices. */
    beat: (): Told => told([]),
    /** All prices that a tab wants. */
    whole({ all, names }: Wish): Told {
      const wanted = new Set(names.map((name) => shown.get(name)));
      return told([...shown.all().values()].filter((price) => all || wanted.has(price)));
    },
    /** Does what the tab's own timers were too slow for. */
    catchUp: clock.catchUp,
    retry: () => newest.retry(),
    ping: () => newest.ping(),
    close() {
      newest.close();
      shown.close();
    },
  };
}

const ignore = () => {};
