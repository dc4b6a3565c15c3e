import { decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";

/**
 * Reads a stream of events as it comes, and tells how much it was held back.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventTally() {
  let rest = "";
  let events = 0;
  let firstMs: number | null = null;
  let promptest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;

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
        // A replay has its recording's clock, which may run at another pace.
        if (message.replay) continue;
        const offset = ms - Date.parse(message.timestamp);
        promptest = Math.min(promptest, offset);
        latest = Math.max(latest, offset);
      }
    },
    seen: () => ({ firstMs, events, heldMs: Math.max(0, latest - promptest) || 0 }),
  };
}
