import fc from "fast-check";
import { expect, it } from "vitest";
import { type Book, createBook } from "../../../server/src/book/book.ts";
import { type ManualClock, manualClock } from "../../../server/src/clock.ts";
import { plainFrames } from "../../../server/src/hub/frame.ts";
import { createHub } from "../../../server/src/hub/hub.ts";
import { createV1 } from "../../../server/src/hub/v1.ts";
import { beforeSubscribing, createV1Session } from "../../../server/src/wire/v1.ts";
import { silentLog } from "../../../server/test/support/gateway.ts";
import { textOf } from "../../../server/test/support/hub.ts";
import { createPriceStream } from "../../src/index.ts";
import { V1 } from "../../src/protocol/v1.ts";

const ASSETS = ["bitcoin", "ethereum", "solana", "tron", "monero"];
const SYMBOLS: Record<string, string> = { BTC: "bitcoin", ETH: "ethereum", SOL: "solana" };
const NAMES = [...ASSETS, ...Object.keys(SYMBOLS), "nobody-knows", "*"];
const LIMITS = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };
const STALE_MS = 60_000;

const asset = fc.constantFrom(...ASSETS);
const name = fc.constantFrom(...NAMES);
const latency = fc.constantFrom(3, 100, 700);
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant("put" as const), asset, cents: fc.nat(999) }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("subscribe" as const), name }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("undo" as const), at: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("pass" as const), ms: fc.nat(1500) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("age" as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("cut" as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("restart" as const) }) },
);

/** The gateway's own book, hub and session, without a network: a message takes `latencyMs`. */
function gateway(clock: ManualClock, latencyMs: number) {
  let epochs = 0;
  let book: Book;
  let hub: ReturnType<typeof createHub>;
  const sockets = new Set<Socket>();

  const restart = () => {
    book = createBook({ epoch: `e${++epochs}`, staleAfterMs: STALE_MS });
    hub = createHub({ clock, log: silentLog });
  };
  restart();

  class Socket {
    readyState = 0;
    isHeard = false;
    underWay: string[] = [];
    protocol = "";
    onopen: unknown = null;
    onmessage: unknown = null;
    onclose: unknown = null;
    onerror: unknown = null;
    receive = (_text: string) => {};
    leave = () => {};

    constructor(_url: string, protocols: string[]) {
      sockets.add(this);
      clock.after(5, () => this.open(protocols));
    }

    open(protocols: string[]) {
      if (this.readyState !== 0) return;
      expect(protocols).toEqual([V1]);
      this.protocol = V1;
      this.readyState = 1;
      const { now } = clock;
      const v1 = createV1({ book, now, wallNow: now, mode: "demo", limits: LIMITS });
      const find = (name: string) => {
        const id = SYMBOLS[name] ?? name;
        return ASSETS.includes(id) ? { id, symbol: id, name: id, rank: 1 } : undefined;
      };
      const options = { v1, book, find, mostAssets: 1000, encoding: plainFrames, echoes: true };
      const write = (text: string) => {
        this.underWay.push(text);
        clock.after(latencyMs, () => this.deliver());
      };
      const sink = {
        write: (frame: Buffer) => write(textOf(frame)),
        drained: () => true,
        evict() {},
        bye() {},
      };
      if (typeof this.onopen === "function") this.onopen({});
      write(v1.hello(true));
      const membership = hub.join(beforeSubscribing(options), sink);
      const session = createV1Session(options, membership);
      this.leave = membership.leave;
      this.receive = (text) => {
        const { reply, refused } = session.receive(text, false);
        expect(refused).toBe(undefined);
        if (reply?.includes('"error"')) throw new Error(`${text} was answered ${reply}`);
        if (reply !== undefined) write(reply);
      };
    }

    deliver() {
      const data = this.underWay.shift();
      if (this.readyState !== 1 || typeof this.onmessage !== "function") return;
      this.isHeard = true;
      this.onmessage({ data });
    }

    send(text: string) {
      clock.after(latencyMs, () => this.readyState === 1 && this.receive(text));
    }

    close() {
      this.readyState = 3;
      this.leave();
      sockets.delete(this);
    }

    end() {
      this.close();
      if (typeof this.onclose === "function") this.onclose({ code: 1006, reason: "" });
    }
  }

  return {
    Socket,
    put(asset: string, price: string) {
      const rest = { quote: "USD", source: "coincap", constituents: [], derived: undefined };
      const more = {
        spread: undefined,
        thin: false,
        exchangeTime: undefined,
        change24h: undefined,
      };
      book.put({ asset, price, ...rest, ...more, receivedAt: clock.now() }, clock.now());
    },
    cut() {
      for (const socket of [...sockets]) {
        if (socket.readyState !== 1) continue;
        // One that ends before anything was heard would be taken for a way that does not work.
        if (!socket.isHeard) socket.deliver();
        socket.end();
      }
    },
    restart() {
      restart();
      this.cut();
    },
    sweep: () => book.sweep(clock.now()),
    /** What a client that asked for these names has to show. */
    shown: (names: ReadonlySet<string>) =>
      book
        .since(0)
        .filter(({ asset, listed }) => listed && names.has(asset))
        .map(({ asset, price, stale }) => ({ asset, price, stale })),
  };
}

it("shows what the gateway's book says of the assets asked for, whatever was asked, cut and restarted before", () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      latency,
      fc.array(operation, { maxLength: 60 }),
      (all, latencyMs, operations) => {
        const clock = manualClock(0);
        const server = gateway(clock, latencyMs);
        const stream = createPriceStream({
          url: "ws://gateway.test/ws/prices",
          assets: all ? "*" : ["monero"],
          interval: 100,
          maxReconnectAttempts: Number.POSITIVE_INFINITY,
          WebSocket: server.Socket,
          clock,
          random: () => 0.01,
          nextFrame: (fn) => void clock.after(1, fn),
        });
        const pass = (ms: number) => {
          for (const until = clock.now() + ms; clock.now() < until; ) {
            clock.advanceTo(Math.min(until, clock.now() + 250));
            server.sweep();
          }
        };
        const users: { name: string; undo: () => void }[] = [];
        const heard = new Map<string, string>();
        for (const step of operations) {
          if (step.op === "put") server.put(step.asset, `${step.cents + 1}.5`);
          else if (step.op === "pass") pass(step.ms);
          else if (step.op === "age") pass(STALE_MS * 6);
          else if (step.op === "cut") server.cut();
          else if (step.op === "restart") server.restart();
          else if (step.op === "subscribe") {
            const { name } = step;
            const known = stream.get(name);
            if (known) heard.set(name, known.price);
            const undo = stream.subscribe(name, ({ price }) => heard.set(name, price));
            users.push({ name, undo });
          } else {
            const [user] = users.splice(step.at % Math.max(1, users.length), 1);
            user?.undo();
          }
        }
        // A wait, a handshake and a few questions and answers.
        pass(1000 + 8 * latencyMs);
        const names = users.map(({ name }) => SYMBOLS[name] ?? name);
        const wanted = new Set(all || names.includes("*") ? ASSETS : ["monero", ...names]);
        const byAsset = (a: { asset: string }, b: { asset: string }) =>
          a.asset < b.asset ? -1 : 1;
        const shown = [...stream.all().values()].map(({ asset, price, stale }) => ({
          asset,
          price,
          stale,
        }));
        expect(shown.sort(byAsset)).toEqual(server.shown(wanted).sort(byAsset));
        for (const { name } of users) {
          const price = stream.get(name)?.price;
          if (price !== undefined) expect(heard.get(name)).toBe(price);
        }
        stream.close();
      },
    ),
    { numRuns: 1500 },
  );
});
