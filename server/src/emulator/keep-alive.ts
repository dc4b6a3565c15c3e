import { type Clock, every } from "../clock.ts";
import type { Peer } from "./venue.ts";

/** Binance's pings to one socket. */
export type KeepAlive = { pong(payload: string): void; stop(): void };

/**
 * Pings, and closes the socket when the pong stays away. Only a pong with the payload of a ping
 * counts; unsolicited ones are allowed and change nothing. Times in ms.
 */
export function keepAlive(peer: Peer, clock: Clock, everyMs: number, withinMs: number): KeepAlive {
  let owed: { payload: string; forgive: () => void }[] = [];

  const stopPings = every(clock, everyMs, () => {
    const payload = String(clock.now());
    if (!peer.ping(payload)) return;
    owed.push({ payload, forgive: clock.after(withinMs, () => peer.close(1008, "Pong timeout")) });
  });

  return {
    pong(payload) {
      const answered = owed.findLastIndex((ping) => ping.payload === payload);
      for (const ping of owed.slice(0, answered + 1)) ping.forgive();
      owed = owed.slice(answered + 1);
    },
    stop() {
      stopPings();
      for (const ping of owed) ping.forgive();
    },
  };
}
