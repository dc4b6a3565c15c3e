import { createMirror } from "@cryptovault/price-stream/mirror";
import { decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";
import { createOffsets } from "./offsets.ts";

/**
 * Reads a stream of events as it comes, and tells how much it was held back.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventTally() {
  let rest = "";
  let events = 0;
  let firstMs: number | null = null;
  let lastMs: number | null = null;
  let heartbeatMs: number | null = null;
  let isSubscribed = false;
  const mirror = createMirror();
  const offsets = createOffsets();

  return {
    /** @param ms since the answer began */
    read(text: string, ms: number) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        const message = data === undefined ? undefined : decodeServerMessage(data);
        if (!message) continue;
        events++;
        firstMs ??= ms;
        lastMs = ms;
        if (message.type === "hello") {
          mirror.hello(message);
          heartbeatMs = message.heartbeatMs;
        }
        if (message.type === "price_update") {
          mirror.update(message);
          isSubscribed ||= message.subscription !== undefined;
        }
        // A replay has its recording's clock, which may run at another pace.
        if (message.replay) continue;
        offsets.add(ms, message.timestamp);
      }
    },
    seen: () => ({
      firstMs,
      lastMs,
      events,
      heartbeatMs,
      isSubscribed,
      assets: mirror.all(),
      heldMs: offsets.seen()?.heldMs ?? 0,
    }),
  };
}
