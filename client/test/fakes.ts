import { type Clock, createPriceStream, type StreamOptions } from "../src/index.ts";

/** A clock that stands still until it is moved. */
function fakeClock() {
  let now = 1_000_000;
  let timers: { due: number; fn: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(ms, fn) {
      const timer = { due: now + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  return {
    ...clock,
    /** Moves on by `ms`, calling what falls due on the way, in order. */
    advance(ms: number) {
      const until = now + ms;
      for (;;) {
        const [next] = timers.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.due);
        next.fn();
      }
      now = until;
    },
    /** Moves on without calling anything, as the device does in sleep. */
    sleep(ms: number) {
      now += ms;
    },
    pending: () => timers.length,
  };
}

/** What the server of a fake socket does, and what it got. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  static latest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  url: string;
  readyState = 0;
  sent: string[] = [];
  closed = false;
  onmessage: unknown = null;
  onclose: unknown = null;
  onerror: unknown = null;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }

  /** The server says something; text is sent as it is. */
  says(message: unknown) {
    this.readyState = 1;
    const data = typeof message === "string" ? message : JSON.stringify(message);
    if (typeof this.onmessage === "function") this.onmessage({ data });
  }
  /** The connection ends at the other end. */
  ends(code = 1006, reason = "") {
    this.readyState = 3;
    if (typeof this.onerror === "function" && code === 1006) this.onerror({});
    if (typeof this.onclose === "function") this.onclose({ code, reason });
  }
  greets() {
    this.says({ type: "connection", status: "connected", message: "Connected", timestamp: T });
  }
  /** Hello, and one fresh price: the stream is live. */
  goesLive() {
    this.greets();
    this.says(update({ bitcoin: "97123.41" }));
  }
}

/** Some time, for messages in which it doesn't matter. */
export const T = "2026-03-01T12:00:00.000Z";

export const update = (prices: Record<string, string>, more: object = {}) => ({
  type: "price_update",
  prices,
  timestamp: T,
  source: "coincap",
  stale: [],
  ...more,
});

export const serverStatus = (state: string, more: object = {}) => ({
  type: "status",
  state,
  source: "coincap",
  prices_cached: 1,
  is_running: true,
  last_update: T,
  timestamp: T,
  ...more,
});

/** A stream on fake sockets and a fake clock; waits between attempts are the longest possible. */
export function fakeStream(options: Partial<StreamOptions> = {}) {
  FakeSocket.all = [];
  const clock = fakeClock();
  const stream = createPriceStream({
    url: "ws://gateway.test/ws/prices",
    WebSocket: FakeSocket,
    clock,
    random: () => 1,
    nextFrame: (fn) => clock.after(0, fn),
    ...options,
  });
  const states: string[] = [];
  stream.onStatus(({ state }) => {
    if (states.at(-1) !== state) states.push(state);
  });
  return { stream, clock, states, server: FakeSocket.latest };
}
