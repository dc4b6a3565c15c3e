import { createPriceStream } from "@cryptovault/price-stream";
import { fetchPrices, STREAM_URL } from "./api.ts";
import { learnAssets } from "./assets.ts";
import { createConnectionLog } from "./diagnostics/connection-log.ts";
import { createHistory } from "./history.ts";

/** Drawing what stands in for the list costs more time than to wait so long for the list, ms. */
const NEARLY_THERE_MS = 300;

// The list scrolls back to where it was by itself, once its rows are there.
history.scrollRestoration = "manual";

const stream = createPriceStream(STREAM_URL);
const begun = {
  stream,
  log: createConnectionLog(stream, Date.now),
  past: createHistory(stream, Date.now),
  assets: learnAssets(stream, fetchPrices),
};

/** What is on its way while what draws the page is still being loaded. */
export type Begun = typeof begun;

/** When there are prices to be drawn, or none are to be had. */
const ready = new Promise<void>((resolve) => {
  const check = () => {
    if (begun.assets.get() && stream.status.state !== "connecting") resolve();
  };
  begun.assets.subscribe(check);
  stream.onStatus(check);
});

import("./page.tsx").then(async ({ draw }) => {
  await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, NEARLY_THERE_MS))]);
  const root = document.getElementById("root");
  if (root) draw(root, begun);
});
