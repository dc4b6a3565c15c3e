import { expect, vi } from "vitest";
import { type Clock, createPriceStream, type StreamOptions } from "../src/index.ts";
import { encode, type Facts, type ServerMessage, type UpdateMessage } from "../src/protocol/v1.ts";

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
  offered: string[];
  protocol = "";
  readyState = 0;
  sent: string[] = [];
  closed = false;
  greeted = false;
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  onerror: unknown = null;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.offered = protocols;
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }

  /** The connection stands, in this subprotocol. */
  opens(protocol = this.offered[0] ?? "") {
    if (this.readyState !== 0) return;
    this.protocol = protocol;
    this.readyState = 1;
    if (typeof this.onopen === "function") this.onopen({});
  }
  /** The server says something, in v1 after its hello; text is sent as it is. */
  says(message: unknown) {
    this.opens();
    if (this.protocol !== "" && !this.greeted) {
      this.greeted = true;
      if (typeof message === "string" || !isHello(message)) this.says(hello());
    }
    const data = typeof message === "string" ? message : JSON.stringify(message);
    if (typeof this.onmessage === "function") this.onmessage({ data });
  }
  /** The connection ends at the other end. */
  ends(code = 1006, reason = "") {
    this.readyState = 3;
    if (typeof this.onerror === "function" && code === 1006) this.onerror({});
    if (typeof this.onclose === "function") this.onclose({ code, reason });
  }
  /** The server was heard, and is gone: the next attempt goes the same way. */
  drops() {
    this.greets();
    this.ends();
  }
  greets(epoch = "e1") {
    this.opens();
    if (this.protocol === "") this.says(PLAIN_HELLO);
    else this.says(hello(epoch));
  }
  /** Hello, and one fresh price: the stream is live. */
  goesLive() {
    this.greets();
    const prices = { bitcoin: "97123.41" };
    this.says(this.protocol === "" ? plainUpdate(prices) : update(prices));
  }
  /** What the client said, read. */
  said = () => this.sent.map((text) => JSON.parse(text));
}

/** Some time, for messages in which it doesn't matter. */
export const T = "2026-03-01T12:00:00.000Z";

export const hello = (epoch = "e1", seq = 1): ServerMessage => ({
  type: "hello",
  epoch,
  seq,
  heartbeatMs: 25_000,
  limits: { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 },
  timestamp: T,
});

const isHello = (message: unknown): boolean =>
  typeof message === "object" && message !== null && "type" in message && message.type === "hello";

const refs = new Map<string, number>();
const refOf = (asset: string): number => {
  const ref = refs.get(asset) ?? refs.size;
  refs.set(asset, ref);
  return ref;
};

type About = Partial<Pick<Facts, "source" | "quote" | "derivedFrom" | "thin">> & {
  /** Age of those that are old, by asset, ms. */
  stale?: Record<string, number>;
};

/** An update that answers a subscription, and tells everything of each of its assets. */
export function update(
  prices: Record<string, string>,
  about: About = {},
  more: Partial<UpdateMessage> = {},
): UpdateMessage {
  const { stale = {}, ...common } = about;
  const rows = Object.entries(prices)
    .map(([asset, price]) => ({ asset, price, ref: refOf(asset), age: stale[asset] }))
    .sort((a, b) => a.ref - b.ref);
  const gaps = (list: { ref: number }[]) =>
    list.map(({ ref }, place) => ref - (list[place - 1]?.ref ?? 0));
  const facts = [true, false].flatMap((isOld): Facts[] => {
    const those = rows.filter(({ age }) => (age !== undefined) === isOld);
    if (those.length === 0) return [];
    return [
      {
        assets: gaps(those),
        names: those.map(({ asset }) => asset),
        source: "coincap",
        quote: "USD",
        ...common,
        ...(isOld ? { stale: those.map(({ age = 0 }) => age) } : {}),
      },
    ];
  });
  return {
    type: "price_update",
    seq: 10,
    timestamp: T,
    assets: gaps(rows),
    prices: rows.map(({ price }) => price),
    facts,
    subscription: { assets: "*", interval: 1000 },
    ...more,
  };
}

/** Numbers of assets, as messages write them. */
export const removed = (asset: string): number[] => [refOf(asset)];

export const heartbeat = (seq = 10): string => encode({ type: "heartbeat", seq, timestamp: T });

export const pong = { type: "pong", timestamp: T };

export const PLAIN_HELLO = {
  type: "connection",
  status: "connected",
  message: "Connected",
  timestamp: T,
};

export const plainUpdate = (prices: Record<string, string>, more: object = {}) => ({
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

/** The same, once its server has not known v1: it speaks the plain contract now. */
export async function plainStream(options: Partial<StreamOptions> = {}) {
  const fake = fakeStream(options);
  fake.server().ends();
  fake.stream.retry();
  const isThere = () => expect(FakeSocket.all.length).toBe(2);
  await vi.waitFor(isThere, { interval: 1 });
  return fake;
}
