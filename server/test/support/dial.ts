import type { Dial, SocketEvents } from "../../src/feed/link/dial.ts";

/** A dialled connection, played by the test. */
export type Call = { url: string; events: SocketEvents; sent: string[]; destroyed: boolean };

/** Stands in for the network: the test decides what happens on each connection. */
export function fakeDial(): { dial: Dial; calls: Call[] } {
  const calls: Call[] = [];
  const dial: Dial = (url, events) => {
    const call: Call = { url, events, sent: [], destroyed: false };
    calls.push(call);
    return {
      send: (text) => call.sent.push(text),
      destroy: () => {
        call.destroyed = true;
      },
    };
  };
  return { dial, calls };
}
