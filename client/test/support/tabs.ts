/** Streams that tabs share, in a page, for a test to use from outside. */
import type { PriceStream } from "../../src/index.ts";
import { createSharedPriceStream, type SharedStreamOptions } from "../../src/tabs.ts";

declare global {
  var share: (options: SharedStreamOptions) => void;
  var stream: PriceStream;
  /** Of a subscription that a test makes. */
  var undo: () => void;
  var heard: string | undefined;
  /** Each status so far: its state, and whether any price was shown as live. */
  var seen: [string, boolean][];
}

globalThis.seen = [];
globalThis.share = (options) => {
  globalThis.stream = createSharedPriceStream(options);
  const note = () =>
    seen.push([stream.status.state, [...stream.all().values()].some(({ stale }) => !stale)]);
  stream.onStatus(note);
  stream.subscribeAll(note);
};
