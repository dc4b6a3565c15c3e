import { createMirror } from "@cryptovault/price-stream/mirror";
import type { ClientMessage, ServerMessage } from "@cryptovault/price-stream/protocol/v1";
import type { PriceSeen, V1Seen } from "../seen.ts";
import { createOffsets } from "./offsets.ts";
import { createUpdates } from "./updates.ts";

/** Keeps count of what `cryptovault.v1.json` brings to who subscribes to everything. */
export function createV1Tally() {
  const mirror = createMirror();
  const updates = createUpdates();
  const offsets = createOffsets();
  let hello: V1Seen["hello"] = null;
  let snapshot: V1Seen["snapshot"] = null;
  const assets = new Map<string, PriceSeen>();
  const moved = new Set<string>();

  /** @returns whether a price is another than before */
  const take = (id: string): boolean => {
    const told = mirror.get(id);
    const before = assets.get(id);
    if (told === undefined) assets.delete(id);
    else assets.set(id, told);
    const isChanged = before !== undefined && told !== undefined && told.price !== before.price;
    if (isChanged) moved.add(id);
    return isChanged;
  };

  return {
    /**
     * @param ms since the connection opened
     * @param now ms since 1970
     * @returns what is to be answered
     */
    read(message: ServerMessage, ms: number, now: number): ClientMessage[] {
      const echo: ClientMessage[] =
        "echo" in message && message.echo ? [{ type: "echo", seq: message.seq }] : [];
      if (message.type === "hello") {
        mirror.hello(message);
        hello = { epoch: message.epoch, heartbeatMs: message.heartbeatMs };
        return [{ type: "subscribe", assets: "*" }];
      }
      if (message.type === "price_update") {
        if (!message.replay) offsets.add(now, message.timestamp);
        const changes = mirror.update(message).filter(take);
        if (message.subscription) snapshot = { ms, assets: mirror.all().size };
        else if (changes.length > 0) updates.add(ms);
      }
      return echo;
    },
    seen: () => ({
      hello,
      snapshot,
      prices: updates.seen(),
      assets,
      moved: moved.size,
      lag: offsets.seen(),
    }),
  };
}
