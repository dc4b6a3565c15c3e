/** Streams that tabs share, in a page, for a test to use from outside. */
import { type PriceStream, systemClock } from "../../src/index.ts";
import { createSharedPriceStream, type SharedStreamOptions } from "../../src/tabs.ts";

export type Circumstances = {
  /** The tab's clock is so far ahead of the others', ms. */
  aheadMs?: number;
  /** Its timers are held back to one a minute, as in a tab that was hidden for long. */
  isHeldBack?: boolean;
  /** Gives URL and token by functions. */
  provides?: boolean;
};

declare global {
  var share: (options: SharedStreamOptions & { url: string }, under?: Circumstances) => void;
  var stream: PriceStream;
  /** Of a subscription that a test makes. */
  var undo: () => void;
  var heard: string | undefined;
  /** Each state so far that was another, and whether any price was shown as live then. */
  var seen: [string, boolean][];
  /** When the last of them began, by the wall clock. */
  var seenAt: number;
  var lines: string[];
}

globalThis.share = ({ url, ...options }, { aheadMs = 0, isHeldBack, provides } = {}) => {
  const own = systemClock();
  const clock = {
    now: () => own.now() + aheadMs,
    after: (ms: number, fn: () => void) => own.after(isHeldBack ? Math.max(60_000, ms) : ms, fn),
  };
  const given = provides ? { url: () => url, token: () => "secret" } : { url };
  globalThis.stream = createSharedPriceStream({ clock, ...given, ...options });
  globalThis.seen = [];
  globalThis.lines = [];
  const note = () => {
    const isFresh = [...stream.all().values()].some(({ stale }) => !stale);
    if (seen.at(-1)?.join() === [stream.status.state, isFresh].join()) return;
    seen.push([stream.status.state, isFresh]);
    globalThis.seenAt = Date.now();
  };
  stream.onStatus(note);
  stream.subscribeAll(note);
  stream.onLog((line) => lines.push(line));
};
