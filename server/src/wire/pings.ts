import type { WebSocket } from "ws";
import { type Clock, every } from "../clock.ts";

/** A client that has not answered a protocol ping by the next one is gone, ms. */
const PING_MS = 30_000;
/** Clients are pinged in so many parts, one after the other: ten thousand at once take too long. */
const PARTS = 30;

/**
 * Pings every client twice a minute, and cuts those that don't answer.
 * @param lost called before each cut
 */
export function startPings(clock: Clock, lost: () => void) {
  const parts = Array.from({ length: PARTS }, () => new Set<WebSocket>());
  const unanswered = new Set<WebSocket>();
  // Their first turn passes: who reads nothing at all is told so before a ping could cut it.
  const newcomers = new Set<WebSocket>();
  let added = 0;
  let turn = 0;

  const ping = (client: WebSocket) => {
    if (newcomers.delete(client)) return;
    if (unanswered.has(client)) {
      lost();
      client.terminate();
      return;
    }
    unanswered.add(client);
    client.ping();
  };

  // One function for all clients, in place of one for each.
  function answered(this: WebSocket) {
    unanswered.delete(this);
  }
  function forget(this: WebSocket) {
    unanswered.delete(this);
    newcomers.delete(this);
    for (const part of parts) part.delete(this);
  }

  const stop = every(clock, PING_MS / PARTS, () => {
    for (const client of parts[turn++ % PARTS] ?? []) ping(client);
  });

  return {
    add(client: WebSocket) {
      parts[added++ % PARTS]?.add(client);
      newcomers.add(client);
      client.on("pong", answered);
      client.on("close", forget);
    },
    stop,
  };
}
