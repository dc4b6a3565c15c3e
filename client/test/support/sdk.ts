/** The SDK in a page, for a test to use from outside. */
import { createPriceStream, type PriceStream } from "../../src/index.ts";

declare global {
  var start: typeof createPriceStream;
  var stream: PriceStream;
  /** Each status so far: its state, and whether the price of bitcoin was shown as live. */
  var seen: [string, boolean][];
}

globalThis.seen = [];
globalThis.start = (options) => {
  globalThis.stream = createPriceStream(options);
  const note = () => seen.push([stream.status.state, stream.get("bitcoin")?.stale === false]);
  stream.onStatus(note);
  return stream;
};
