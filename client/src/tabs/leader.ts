import { createPriceStream, type PriceStream } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { Settings } from "../options.ts";
import { withoutAsset } from "../url.ts";
import { lentClock } from "./lent-clock.ts";
import type { Told, Wants } from "./messages.ts";

export type Leader = ReturnType<typeof createLeader>;

/**
 * The one real stream, of all that the tabs want.
 * @param tell called with what has changed, for all tabs
 */
export function createLeader(settings: Settings, wants: Wants, tell: (told: Told) => void) {
  const { url } = settings;
  const clock = lentClock(settings.clock);
  const changed = new Map<string, Price>();
  /** What is asked for by name → its undo. */
  const asked = new Map<string, () => void>();
  let log: string[] = [];
  let isAll = wants.all;
  let isAwaited = false;
  let statusAt = clock.now();

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
    stream.subscribeAll((prices) => {
      if (stream !== shown) return;
      for (const price of prices) changed.set(price.asset, price);
      soon();
    });
    stream.onStatus(({ state }) => {
      if (stream !== newest || state === "closed") return;
      if (stream !== shown && state !== "connecting") return show(stream);
      statusAt = clock.now();
      soon();
    });
    stream.onLog((line) => {
      log.push(line);
      soon();
    });
    return stream;
  };

  /** All that happens in one turn of the event loop is told at once. */
  const soon = () => {
    if (isAwaited) return;
    isAwaited = true;
    queueMicrotask(() => {
      isAwaited = false;
      if (newest.status.state === "closed") return;
      tell({ ...compose(changed.values(), "same"), log });
      changed.clear();
      log = [];
    });
  };

  const compose = (prices: Iterable<Price>, absent: Told["absent"]): Told => {
    const told: Told = {
      status: shown.status,
      statusAgeMs: clock.now() - statusAt,
      diagnostics: shown.diagnostics(),
      rows: [],
      gone: [],
      absent,
      names: {},
      newestAgeMs: shown.ageMs(),
      log: [],
    };
    const assets = new Set<string>();
    for (const { asset } of prices) {
      const price = shown.get(asset);
      if (price) told.rows.push([price, shown.ageMs(asset)]);
      else told.gone.push(asset);
      assets.add(asset);
    }
    for (const name of asked.keys()) {
      const asset = shown.get(name)?.asset;
      if (asset && asset !== name && assets.has(asset)) told.names[name] = asset;
    }
    return told;
  };

  const whole = ({ all, names }: Wants): Told => {
    const wanted = new Set(names.map((name) => shown.get(name)?.asset));
    const prices = [...shown.all().values()].filter(({ asset }) => all || wanted.has(asset));
    // What a list asks for may still be under way.
    return compose(prices, isAll && shown.status.state === "live" ? "gone" : "stale");
  };

  const show = (stream: PriceStream) => {
    shown.close();
    shown = stream;
    statusAt = clock.now();
    changed.clear();
    tell(whole({ all: true, names: [] }));
  };

  const want = ({ all, names }: Wants) => {
    if (all !== isAll) {
      isAll = all;
      asked.clear();
      // A stream is of all assets or of some. The one so far is shown until the other has an answer.
      const last = newest;
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
  want(wants);

  return {
    want,
    whole,
    /** That it is there, and how the stream is. */
    beat: (): Told => compose([], "same"),
    /** Somebody waits: does what the tab's own timers were too slow for. */
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
