import { createMirror } from "@cryptovault/price-stream/mirror";
import {
  decodeServerMessage,
  encode,
  type SubscribeMessage,
  type Subscription,
  type UpdateMessage,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Book, createBook } from "../../src/book/book.ts";
import { type ManualClock, manualClock } from "../../src/clock.ts";
import { plainFrames } from "../../src/hub/frame.ts";
import { createHub, type Membership } from "../../src/hub/hub.ts";
import type { Sink } from "../../src/hub/member.ts";
import { createV1 } from "../../src/hub/v1.ts";
import { beforeSubscribing, createV1Session } from "../../src/wire/v1.ts";
import { connect, type Message, ofType, sleep, type TestClient, until } from "../support/client.ts";
import { coincapLeads, type Rig, silentLog, startRig } from "../support/gateway.ts";

let rig: Rig;
let port: number;
const open = new Set<TestClient>();

beforeAll(async () => {
  rig = await startRig();
  port = rig.gateway.port;
  await until(() => coincapLeads(rig), 10_000);
});
afterAll(() => rig.close());
afterEach(() => {
  for (const client of open) client.close();
  open.clear();
});

async function join(path = "/ws/prices"): Promise<TestClient> {
  const client = await connect(port, path, [V1]);
  open.add(client);
  return client;
}

const send = (client: TestClient, message: object) => client.send(JSON.stringify(message));
const subscribe = (client: TestClient, more: Omit<SubscribeMessage, "type"> = {}) =>
  send(client, { type: "subscribe", ...more });

type Answer = UpdateMessage & { subscription: Subscription };

/** The text of a message that came, read as an SDK would. */
const read = ({ receivedAt, ...message }: Message) => {
  const decoded = decodeServerMessage(JSON.stringify(message));
  if (!decoded) throw new Error(`not understood: ${JSON.stringify(message)}`);
  return decoded;
};

async function answer(client: TestClient): Promise<Answer> {
  const message = read(await client.next(({ subscription }) => subscription !== undefined));
  if (message.type !== "price_update" || !message.subscription) throw new Error(message.type);
  return { ...message, subscription: message.subscription };
}

/** A pong comes after everything that the messages before it had the gateway say at once. */
async function settle(client: TestClient) {
  send(client, { type: "ping" });
  await client.next(ofType("pong"));
}

const namesIn = ({ facts = [] }: UpdateMessage) => facts.flatMap(({ names }) => names).sort();

describe("a connection", () => {
  it("begins with a hello, and brings nothing more until the client has subscribed", async () => {
    const client = await join();
    expect(client.socket.protocol).toBe(V1);
    await sleep(300);
    await settle(client);
    expect(client.messages.map(read)).toEqual([
      {
        type: "hello",
        demo: true,
        epoch: rig.gateway.health().book.epoch,
        seq: expect.any(Number),
        heartbeatMs: 25_000,
        limits: { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 },
        timestamp: expect.any(String),
      },
      { type: "pong", demo: true, timestamp: expect.any(String) },
    ]);
  });

  it("speaks v1 where the client offers others as well", async () => {
    const client = await connect(port, "/ws/prices", ["unknown.v9", V1]);
    open.add(client);
    expect(client.socket.protocol).toBe(V1);
  });

  it("to one asset's path is subscribed to it from the start", async () => {
    const client = await join("/ws/prices/BTC");
    const { subscription, ...update } = await answer(client);
    expect(client.messages[0]?.type).toBe("hello");
    expect(subscription).toEqual({ assets: 1, interval: 1000, names: { BTC: "bitcoin" } });
    expect(namesIn(update)).toEqual(["bitcoin"]);
  });

  it.each([
    ["/ws/prices/no-such-coin", 3501, "unknown_asset"],
    ["/ws/nothing", 3500, "no_such_path"],
  ])("to %s is closed with %i, after an error that says why", async (path, code, error) => {
    const client = await join(path);
    const { code: closed, reason } = await client.closed;
    expect(closed).toBe(code);
    expect(reason).toBeTruthy();
    expect(client.messages.map(read)).toMatchObject([{ type: "error", code: error }]);
  });
});

describe("a change of subscription", () => {
  it("is answered by one update, which has the whole of what is new", async () => {
    const client = await join();
    subscribe(client, { assets: ["bitcoin", "ethereum"], interval: 60_000 });
    const { subscription, ...update } = await answer(client);
    expect(subscription).toEqual({ assets: 2, interval: 60_000 });
    expect(namesIn(update)).toEqual(["bitcoin", "ethereum"]);
    expect(update).toMatchObject({ demo: true, facts: [{ source: "coincap", quote: "USD" }] });
    expect(update.prices).toHaveLength(2);
    expect(update.change24h).toHaveLength(2);
    await settle(client);
    expect(client.messages.filter(ofType("price_update"))).toHaveLength(1);
  });

  it("brings what is added whole, and of the rest only what has changed", async () => {
    const client = await join();
    subscribe(client, { assets: ["bitcoin"], interval: 60_000 });
    await answer(client);
    subscribe(client, { assets: ["bitcoin", "solana"] });
    const { subscription, ...update } = await answer(client);
    expect(subscription).toEqual({ assets: 2, interval: 60_000 });
    expect(namesIn(update)).toEqual(["solana"]);
  });

  it("resolves symbols, and tells which names mean nothing", async () => {
    const client = await join();
    subscribe(client, { assets: ["BTC", "eth", "bitcoin", "no-such-coin", "__proto__"] });
    const { subscription, ...update } = await answer(client);
    expect(subscription.assets).toBe(4);
    expect(Object.entries(subscription.names ?? {})).toEqual([
      ["BTC", "bitcoin"],
      ["eth", "ethereum"],
    ]);
    expect(subscription.unknown).toEqual(["no-such-coin", "__proto__"]);
    expect(namesIn(update)).toEqual(["bitcoin", "ethereum"]);
  });

  it("tells no name as unknown that was given up", async () => {
    const client = await join();
    subscribe(client, { assets: ["no-such-coin"] });
    expect((await answer(client)).subscription.unknown).toEqual(["no-such-coin"]);
    send(client, { type: "unsubscribe", assets: ["no-such-coin"] });
    expect((await answer(client)).subscription).toEqual({ assets: 0, interval: 1000 });
  });

  it("may change as often as messages are allowed: echoes that were asked for are no flood", async () => {
    const client = await join();
    for (let n = 0; n < 18; n++) {
      subscribe(client, { interval: n % 2 ? 100 : 200 });
      const { seq, echo } = await answer(client);
      expect(echo).toBe(true);
      send(client, { type: "echo", seq });
    }
    await settle(client);
  });

  it("may come in parts, which the last one applies", async () => {
    const client = await join();
    subscribe(client, { assets: ["bitcoin"], more: true });
    subscribe(client, { assets: ["ethereum"], interval: 500, more: true });
    await settle(client);
    expect(client.messages.some(ofType("price_update"))).toBe(false);
    subscribe(client, { assets: ["solana"] });
    const { subscription, ...update } = await answer(client);
    expect(subscription).toEqual({ assets: 3, interval: 500 });
    expect(namesIn(update)).toEqual(["bitcoin", "ethereum", "solana"]);
  });

  it("may be a new interval alone, at any time, rounded up to a multiple of 50 ms", async () => {
    const client = await join();
    subscribe(client, { assets: "*", interval: 60_000 });
    await answer(client);
    subscribe(client, { interval: 101 });
    const { subscription, ...update } = await answer(client);
    expect(subscription).toEqual({ assets: "*", interval: 150 });
    expect(namesIn(update)).toEqual([]);
    const received = () => client.messages.filter(ofType("price_update")).length;
    const before = received();
    const startedAt = performance.now();
    await until(() => received() >= before + 4);
    expect(performance.now() - startedAt).toBeLessThan(1500);
    subscribe(client, { interval: 0 });
    expect((await answer(client)).subscription.interval).toBe(0);
  });

  it("to fewer assets is answered by an update without rows, and they come no more", async () => {
    const client = await join();
    subscribe(client, { assets: ["bitcoin", "ethereum"], interval: 100 });
    const mirror = createMirror();
    const hello = client.messages.map(read).find((message) => message.type === "hello");
    if (hello) mirror.hello(hello);
    mirror.update(await answer(client));
    send(client, { type: "unsubscribe", assets: ["ETH"] });
    const { subscription, assets, facts } = await answer(client);
    expect(subscription).toEqual({ assets: 1, interval: 100, names: { ETH: "ethereum" } });
    expect(facts).toBeUndefined();
    expect(assets.length).toBeLessThanOrEqual(1);
    mirror.forget("ethereum");
    for (let i = 0; i < 3; i++) {
      const message = read(await client.next(ofType("price_update")));
      if (message.type === "price_update") expect(mirror.update(message)).toEqual(["bitcoin"]);
    }
    send(client, { type: "unsubscribe", assets: "*" });
    expect((await answer(client)).subscription).toEqual({ assets: 0, interval: 100 });
  });
});

describe("a client that comes back", () => {
  const before = async () => {
    const client = await join();
    const { epoch } = await client.next(ofType("hello"));
    subscribe(client, { assets: "*" });
    const { seq, prices } = await answer(client);
    client.close();
    // Since then some prices have moved, and not all.
    await until(() => rig.gateway.health().book.seq > seq);
    return { since: { epoch: String(epoch), seq }, all: prices.length };
  };

  it("gets only what has changed since its position", async () => {
    const { since, all } = await before();
    const client = await join();
    subscribe(client, { assets: "*", since });
    const { facts, ...update } = await answer(client);
    expect(update.seq).toBeGreaterThan(since.seq);
    expect(update.prices.length).toBeLessThan(all);
    expect(facts).toBeUndefined();
  });

  it.each([
    ["of another epoch", ({ seq }: { seq: number }) => ({ epoch: "another", seq })],
    ["from the future", ({ epoch }: { epoch: string }) => ({ epoch, seq: 2 ** 52 })],
  ])("gets everything if its position is %s", async (_what, falsify) => {
    const { since, all } = await before();
    const client = await join();
    subscribe(client, { assets: "*", since: falsify(since) });
    expect(namesIn(await answer(client)).length).toBeGreaterThanOrEqual(all);
  });

  it("may hold some of its assets and not others", async () => {
    const { since } = await before();
    const client = await join();
    subscribe(client, { assets: ["bitcoin", "ethereum"], since, more: true });
    subscribe(client, { assets: ["solana"] });
    expect(namesIn(await answer(client))).toEqual(["solana"]);
  });
});

const names = (part: number): string[] => Array.from({ length: 400 }, (_, i) => `x${part}-${i}`);

describe("a message that can't be served", () => {
  it.each([
    ["{", "not_json"],
    ["42", "not_json"],
    ['{"type":"get_status"}', "unknown_type"],
    ['{"type":"subscribe","assets":"bitcoin"}', "bad_subscription"],
    ['{"type":"subscribe","assets":["*"]}', "bad_subscription"],
    ['{"type":"subscribe","interval":50}', "bad_subscription"],
    ['{"type":"unsubscribe"}', "bad_subscription"],
    ['{"type":"echo"}', "bad_echo"],
    [Buffer.from([1, 2, 3]), "text_only"],
  ])("%s is told the error %s, and the connection goes on", async (text, code) => {
    const client = await join();
    client.send(text);
    const error = read(await client.next(ofType("error")));
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(/./),
      hint: expect.stringMatching(/./),
    });
    await settle(client);
  });

  it("is one that takes a single asset out of all, and nothing changes by it", async () => {
    const client = await join();
    subscribe(client, { assets: "*", interval: 100 });
    await answer(client);
    send(client, { type: "unsubscribe", assets: ["bitcoin"] });
    expect(await client.next(ofType("error"))).toMatchObject({ code: "cannot_exclude" });
    subscribe(client, {});
    expect((await answer(client)).subscription).toEqual({ assets: "*", interval: 100 });
  });

  it("is one that mixes parts of a subscription with parts of its opposite", async () => {
    const client = await join();
    subscribe(client, { assets: ["bitcoin"], more: true });
    send(client, { type: "unsubscribe", assets: ["ethereum"] });
    expect(await client.next(ofType("error"))).toMatchObject({ code: "bad_subscription" });
    subscribe(client, { assets: ["solana"] });
    expect((await answer(client)).subscription.assets).toBe(1);
  });

  it("is one with a hole in it, and the parts before it are dropped", async () => {
    const client = await join();
    subscribe(client, { assets: ["bitcoin"], more: true });
    client.send('{"type":"subscribe","interval":7}');
    expect(await client.next(ofType("error"))).toMatchObject({ code: "bad_subscription" });
    subscribe(client, { assets: ["solana"] });
    expect((await answer(client)).subscription.assets).toBe(1);
  });

  it("ends the connection where it names more assets than the hello allows", async () => {
    const client = await join();
    subscribe(client, { assets: names(0), more: true });
    subscribe(client, { assets: names(1), more: true });
    subscribe(client, { assets: names(2) });
    const { code, reason } = await client.closed;
    expect(code).toBe(3503);
    expect(reason).toBeTruthy();
    expect(client.messages.at(-1)).toMatchObject({ type: "error", code: "too_many_assets" });
  });

  it("ends the connection where the assets of several changes are too many together", async () => {
    const client = await join();
    for (const part of [0, 1, 2]) subscribe(client, { assets: names(part) });
    expect((await client.closed).code).toBe(3503);
  });

  it("ends the connection where it is longer than 4 KiB", async () => {
    const client = await join();
    client.send("x".repeat(4097));
    expect((await client.closed).code).toBe(1009);
  });
});

describe("on a clock that is moved by hand", () => {
  let clock: ManualClock;
  let book: Book;
  let membership: Membership;
  let received: ReturnType<typeof decodeServerMessage>[];
  let isBlocked: boolean;
  let isEvicted: boolean;
  let say: (message: Parameters<typeof encode>[0]) => void;

  beforeEach(() => {
    clock = manualClock(0);
    received = [];
    isBlocked = false;
    isEvicted = false;
    book = createBook({ epoch: "e1", staleAfterMs: 3_600_000 });
    const hub = createHub({ clock, log: silentLog });
    const limits = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };
    const v1 = createV1({ book, now: clock.now, wallNow: clock.now, mode: "live", limits });
    const sink: Sink = {
      write: (frame) => received.push(decodeServerMessage(frame.toString().replace(/^[^{]*/, ""))),
      drained: () => !isBlocked,
      evict: () => {
        isEvicted = true;
      },
      bye() {},
    };
    const find = () => undefined;
    const options = { v1, book, find, mostAssets: 1000, encoding: plainFrames, echoes: true };
    membership = hub.join(beforeSubscribing(options), sink);
    const session = createV1Session(options, membership);
    say = (message) => session.receive(encode(message), false);
  });

  const put = (asset: string, price: string) => {
    const rest = { quote: "USD", source: "coincap", constituents: [], derived: undefined };
    const more = { spread: undefined, thin: false, exchangeTime: undefined, change24h: undefined };
    book.put({ asset, price, ...rest, ...more, receivedAt: clock.now() }, clock.now());
  };
  const last = () => received.at(-1);
  const echo = () => say({ type: "echo", seq: membership.position() });

  it.each([0, 100, 1000, 60_000])(
    "a line with an interval of %i ms is never silent for longer than the hello says",
    (interval) => {
      put("bitcoin", "1");
      say({ type: "subscribe", assets: ["bitcoin"], interval });
      echo();
      let spokeAt = 0;
      for (let second = 1; second <= 200; second++) {
        const before = received.length;
        clock.advanceTo(second * 1000);
        if (received.length > before) {
          spokeAt = clock.now();
          echo();
        }
        expect(clock.now() - spokeAt).toBeLessThan(25_000);
      }
      expect(received.slice(1).every((message) => message?.type === "heartbeat")).toBe(true);
    },
  );

  it("a heartbeat carries the position of the client, not that of the book", () => {
    put("bitcoin", "1");
    say({ type: "subscribe", assets: ["bitcoin"], interval: 60_000 });
    echo();
    put("bitcoin", "2");
    for (let second = 1; second < 50; second++) {
      clock.advanceTo(second * 1000);
      echo();
    }
    const beats = received.slice(1);
    expect(beats.length).toBeGreaterThan(1);
    for (const beat of beats) expect(beat).toMatchObject({ type: "heartbeat", seq: 1 });
    clock.advanceTo(61_000);
    expect(last()).toMatchObject({ type: "price_update", prices: ["2"], seq: 2 });
  });

  it("an echo is asked for with the answer to a subscription, and every ten seconds", () => {
    put("bitcoin", "1");
    say({ type: "subscribe", assets: "*" });
    expect(last()).toMatchObject({ subscription: { assets: "*" }, echo: true });
    echo();
    const askedAt: number[] = [];
    for (let second = 1; second <= 60; second++) {
      put("bitcoin", `${second + 1}`);
      clock.advanceTo(second * 1000);
      const message = last();
      if (message?.type !== "price_update" || !message.echo) continue;
      askedAt.push(second);
      echo();
    }
    expect(askedAt).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it("who owes an echo for ten seconds gets nothing until it comes, and then the newest price once", () => {
    put("bitcoin", "1");
    say({ type: "subscribe", assets: "*" });
    for (let second = 1; second <= 20; second++) {
      put("bitcoin", `${second + 1}`);
      clock.advanceTo(second * 1000);
    }
    expect(last()).toMatchObject({ prices: ["10"], seq: 10 });
    echo();
    clock.advanceTo(21_000);
    expect(last()).toMatchObject({ prices: ["21"], seq: 21 });
    expect(isEvicted).toBe(false);
  });

  it("who owes an echo for thirty seconds has to go", () => {
    put("bitcoin", "1");
    say({ type: "subscribe", assets: "*" });
    clock.advanceTo(29_000);
    expect(isEvicted).toBe(false);
    clock.advanceTo(30_000);
    expect(isEvicted).toBe(true);
  });

  it("changes that come while the client can't read are answered together, when it can", () => {
    put("bitcoin", "1");
    put("ethereum", "2");
    isBlocked = true;
    say({ type: "subscribe", assets: ["bitcoin"] });
    say({ type: "subscribe", assets: ["ethereum"] });
    clock.advanceTo(5000);
    expect(received).toEqual([]);
    isBlocked = false;
    clock.advanceTo(6000);
    expect(received).toMatchObject([
      { prices: ["1", "2"], subscription: { assets: 2, changes: 2 } },
    ]);
  });
});
