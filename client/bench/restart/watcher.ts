import { createPriceStream } from "@cryptovault/price-stream";
import { decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";
import WebSocket from "ws";

/** What one who watches has seen. Times in ms since 1970. */
export type Seen = {
  /** Epochs of the connections, in order. */
  epochs: string[];
  /** Rows of the first update of each connection. */
  firstRows: number[];
  openedAt: number[];
  closedAt: number[];
  /** Since when and until when nothing live was shown. */
  gaps: { from: number; until: number }[];
  most: number;
};

/** Thousands in one process could not read all prices each second, ms. */
const INTERVAL_MS = 10_000;

/** One who watches, by the SDK, from an address of its own. */
export function watch(port: number, number: number) {
  const seen: Seen = { epochs: [], firstRows: [], openedAt: [], closedAt: [], gaps: [], most: 0 };
  const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;

  class Wire extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { headers: { "x-forwarded-for": address } });
      let isFirst = true;
      this.on("open", () => seen.openedAt.push(Date.now()));
      this.on("close", () => seen.closedAt.push(Date.now()));
      this.on("message", (data) => {
        if (!isFirst) return;
        const message = decodeServerMessage(data.toString());
        if (message?.type === "hello") seen.epochs.push(message.epoch);
        if (message?.type !== "price_update") return;
        isFirst = false;
        seen.firstRows.push(message.assets.length);
      });
    }
  }

  const url = `ws://127.0.0.1:${port}/ws/prices`;
  const stream = createPriceStream({ url, interval: INTERVAL_MS, WebSocket: Wire });
  let darkSince: number | undefined;
  stream.onStatus(({ state, attempt }) => {
    seen.most = Math.max(seen.most, attempt);
    if (state === "reconnecting") darkSince ??= Date.now();
    if (state !== "live" || darkSince === undefined) return;
    seen.gaps.push({ from: darkSince, until: Date.now() });
    darkSince = undefined;
  });
  return { stream, seen };
}

export type Watcher = ReturnType<typeof watch>;
