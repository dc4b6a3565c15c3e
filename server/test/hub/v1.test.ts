import { expect, it } from "vitest";
import { createBook } from "../../src/book/book.ts";
import { plainFrames } from "../../src/hub/frame.ts";
import type { Membership } from "../../src/hub/hub.ts";
import { createV1 } from "../../src/hub/v1.ts";
import type { Quote } from "../../src/types.ts";
import { createV1Session } from "../../src/wire/v1.ts";
import { textOf } from "../support/hub.ts";

const QUOTE: Quote = {
  asset: "bitcoin",
  price: "100",
  quote: "USD",
  source: "binance",
  constituents: ["binance"],
  derived: undefined,
  spread: undefined,
  thin: false,
  receivedAt: 1000,
  exchangeTime: 900,
  change24h: undefined,
};

/** Sessions of clients that can always be answered, beside a book with one price. */
function desk(now: () => number) {
  const book = createBook({ epoch: "e", staleAfterMs: 60_000 });
  book.put(QUOTE, 1000);
  const limits = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };
  const v1 = createV1({ book, now, wallNow: () => 0, mode: "live", limits });
  const settings = { v1, book, find: () => undefined, mostAssets: 1000, echoes: true };
  /** What a new client is answered that sends these messages. */
  return (...messages: object[]) => {
    const answers: unknown[] = [];
    const membership: Membership = {
      move: (_broadcast, answer) => answers.push(JSON.parse(textOf(answer().frame ?? Buffer.of()))),
      echoed: () => false,
      position: () => 0,
      leave() {},
    };
    const session = createV1Session({ ...settings, encoding: plainFrames }, membership);
    for (const message of messages) session.receive(JSON.stringify(message), false);
    return answers;
  };
}

it("ages count from the timestamp beside them, though time goes on meanwhile", () => {
  let now = 2000;
  const [answer] = desk(() => now++)({ type: "subscribe", assets: "*" });
  expect(answer).toMatchObject({ timestamp: "1970-01-01T00:00:02.000Z", ages: [1100] });
});

it("a snapshot that is shared tells nobody of names that others used", () => {
  const answer = desk(() => 2000);
  const [first] = answer(
    { type: "subscribe", assets: ["nothing"], more: true },
    { type: "subscribe", assets: "*" },
  );
  const [second] = answer({ type: "subscribe", assets: "*" });
  expect(first).toMatchObject({ subscription: { unknown: ["nothing"] } });
  expect(second).toMatchObject({ subscription: { assets: "*", interval: 1000 } });
  expect(second).not.toHaveProperty("subscription.unknown");
});

it("a client that came between two turns hears something within 25 s, though others were served since", () => {
  let now = 0;
  const book = createBook({ epoch: "e", staleAfterMs: 1e9 });
  book.put(QUOTE, 0);
  const limits = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };
  const v1 = createV1({ book, now: () => now, wallNow: () => now, mode: "live", limits });
  const due = v1.broadcast("*", 50_000, plainFrames, false).open();
  let [early, late] = [book.seq(), 0];
  const heard: number[] = [];
  for (now = 10_000; now <= 100_000; now += 10_000) {
    const portionFrom = due();
    early = portionFrom(early, false).seq;
    if (now === 40_000) {
      // It is answered, and holds a price that the other has yet to get.
      book.put({ ...QUOTE, price: "101" }, now);
      late = book.seq();
      heard.push(now);
    }
    if (now <= 40_000) continue;
    const { messages, seq } = portionFrom(late, false);
    late = seq;
    if (messages.length > 0) heard.push(now);
  }
  const silences = heard.map((at, n) => (heard[n + 1] ?? 100_000) - at);
  expect(Math.max(...silences)).toBeLessThanOrEqual(25_000);
});

it("keeps only so many names that nobody knows, for a client that takes no answer", () => {
  const book = createBook({ epoch: "e", staleAfterMs: 60_000 });
  const limits = { messageBytes: 4096, messagesPerSecond: 20, assets: 100 };
  const v1 = createV1({ book, now: () => 0, wallNow: () => 0, mode: "live", limits });
  const settings = { v1, book, find: () => undefined, mostAssets: 100, echoes: true };
  const membership: Membership = { move() {}, echoed: () => false, position: () => 0, leave() {} };
  const session = createV1Session({ ...settings, encoding: plainFrames }, membership);
  const say = (message: object) => session.receive(JSON.stringify(message), false).refused;
  const answers = [1, 2, 3, 4, 5].map((round) => {
    const assets = Array.from({ length: 100 }, (_, i) => `stranger-${round}-${i}`);
    return [say({ type: "subscribe", assets }), say({ type: "unsubscribe", assets: "*" })];
  });
  expect(answers.flat().filter(Boolean)).toHaveLength(2);
  expect(answers[4]).toEqual(["too_many_assets", "too_many_assets"]);
});
