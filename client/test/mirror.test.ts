import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { createBook, type Entry } from "../../server/src/book/book.ts";
import { plainFrames } from "../../server/src/hub/frame.ts";
import { createV1 } from "../../server/src/hub/v1.ts";
import type { Quote } from "../../server/src/types.ts";
import { createMirror, type Mirror, type Price } from "../src/mirror.ts";
import { decodeServerMessage, type UpdateMessage } from "../src/protocol/v1.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const ASSETS = ["bitcoin", "ethereum", "tether", "solana", "__proto__"];
const LIMITS = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };

/** A book, and the updates that the gateway makes of it for clients with these assets. */
function gateway(assets: "*" | ReadonlySet<string> = "*", epoch = "e1") {
  let now = START;
  const book = createBook({ epoch, staleAfterMs: 60_000 });
  const clock = { now: () => now, wallNow: () => now };
  const v1 = createV1({ book, ...clock, mode: "live", limits: LIMITS });
  const due = v1.broadcast(assets, 1000, plainFrames, true).open();
  const read = (text: string) => {
    const message = decodeServerMessage(text);
    if (!message) throw new Error(`not understood: ${text}`);
    return message;
  };
  const only = assets === "*" ? undefined : assets;
  /** What the book has said of each asset since its last change: a price told again has another time. */
  const told = new Map<string, Price[]>();
  let noted = 0;
  const note = () => {
    for (const entry of book.since(0)) {
      const before = entry.seq > noted ? [] : (told.get(entry.asset) ?? []);
      told.set(entry.asset, [...before, mirrored(entry)]);
    }
    noted = book.seq();
  };
  return {
    book,
    now: () => now,
    pass(ms: number) {
      now += ms;
      book.sweep(now);
      note();
    },
    put(asset: string, price: string, more: Partial<Quote> = {}) {
      book.put({ ...QUOTE, receivedAt: now, asset, price, ...more }, now);
      note();
    },
    wanted: () => new Map(book.since(0, only).map(({ asset }) => [asset, told.get(asset) ?? []])),
    hello(mirror: Mirror): boolean {
      const message = read(v1.hello(true));
      return message.type === "hello" && mirror.hello(message);
    },
    /** What brings a client from this position to the present. */
    since(position: number): UpdateMessage[] {
      const { messages } = due()(position, false);
      return messages.map(read).filter((message) => message.type === "price_update");
    },
  };
}

const QUOTE = {
  quote: "USD",
  source: "coincap",
  constituents: ["coincap"],
  derived: undefined,
  spread: undefined,
  thin: false,
  exchangeTime: undefined,
  change24h: undefined,
};

const mirrored = (entry: Entry): Price => ({
  asset: entry.asset,
  price: entry.price,
  change24h: entry.change24h ?? null,
  exchangeTime: entry.exchangeTime ?? null,
  source: entry.source,
  quote: entry.quote,
  derivedFrom: entry.derived?.quote ?? null,
  thin: entry.thin,
  staleSince: entry.stale ? entry.receivedAt : null,
  stale: entry.stale,
});

/** Whether the mirror has of each asset something that the book said, and of no other. */
function expectHeld(mirror: Mirror, wanted: ReadonlyMap<string, readonly Price[]>) {
  expect([...mirror.all().keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [asset, said] of wanted) expect(said).toContainEqual(mirror.get(asset));
}

type Step =
  | { put: string; price: string; more: Partial<Quote>; age: number | undefined }
  | { pass: number }
  | { sync: number; times: number };

const put = fc.record({
  put: fc.constantFrom(...ASSETS),
  price: fc.constantFrom("1", "2.50", "97123.41"),
  more: fc.record(
    {
      source: fc.constantFrom("coincap", "binance", "median"),
      quote: fc.constantFrom("USD", "USDT"),
      derived: fc.constantFrom(undefined, { price: "1", quote: "USDT", rate: "0.999" }),
      thin: fc.boolean(),
      change24h: fc.option(fc.constantFrom(-1.25, 0, 3.5), { nil: undefined }),
    },
    { requiredKeys: [] },
  ),
  age: fc.option(fc.nat(5000), { nil: undefined }),
});
const pass = fc.record({ pass: fc.constantFrom(1, 1000, 30_000, 61_000, 25 * 3_600_000) });
/** @param sync how many syncs ago the position was that the update starts from */
const sync = fc.record({ sync: fc.nat(3), times: fc.integer({ min: 1, max: 2 }) });
const steps = fc.array(
  fc.oneof<{ arbitrary: fc.Arbitrary<Step>; weight: number }[]>(
    { arbitrary: put, weight: 6 },
    { arbitrary: pass, weight: 2 },
    { arbitrary: sync, weight: 2 },
  ),
  { maxLength: 60 },
);
const watched = fc.oneof(
  fc.constant("*" as const),
  fc.subarray([...ASSETS, "no-such-coin"]).map((assets) => new Set(assets)),
);

it("holds the book as it is, however the way there was cut, and whatever came twice", () => {
  fc.assert(
    fc.property(watched, steps, (assets, steps) => {
      const { book, now, ...rest } = gateway(assets);
      const mirror = createMirror();
      rest.hello(mirror);
      const positions: number[] = [];
      const synchronize = (back: number, times: number) => {
        const updates = rest.since(positions.at(-1 - Math.min(back, positions.length - 1)) ?? 0);
        for (let i = 0; i < times; i++) for (const update of updates) mirror.update(update);
        expectHeld(mirror, rest.wanted());
        if (book.seq() > 0) positions.push(book.seq());
      };
      for (const step of steps) {
        if ("pass" in step) rest.pass(step.pass);
        else if ("sync" in step) synchronize(step.sync, step.times);
        else {
          const exchangeTime = step.age === undefined ? undefined : now() - step.age;
          rest.put(step.put, step.price, { ...step.more, exchangeTime });
        }
      }
      synchronize(0, 1);
    }),
    { numRuns: 1000 },
  );
});

describe("a mirror", () => {
  let mirror: Mirror;
  let server: ReturnType<typeof gateway>;

  beforeEach(() => {
    mirror = createMirror();
    server = gateway();
    server.hello(mirror);
  });

  const apply = (position: number) => server.since(position).flatMap(mirror.update);

  it("tells which assets an update tells of", () => {
    server.put("bitcoin", "1");
    server.put("ethereum", "2");
    expect(apply(0)).toEqual(["bitcoin", "ethereum"]);
    server.put("ethereum", "3");
    expect(apply(2)).toEqual(["ethereum"]);
    expect(mirror.get("ethereum")).toMatchObject({ price: "3", source: "coincap" });
  });

  it("knows since when a price is old, and when it is not any more", () => {
    server.put("bitcoin", "1");
    apply(0);
    server.pass(61_000);
    apply(1);
    expect(mirror.get("bitcoin")?.staleSince).toBe(START);
    server.put("bitcoin", "1");
    apply(2);
    expect(mirror.get("bitcoin")?.staleSince).toBeNull();
  });

  it("forgets what is priced no more", () => {
    server.put("bitcoin", "1");
    apply(0);
    server.pass(25 * 3_600_000);
    expect(apply(1)).toEqual(["bitcoin"]);
    expect(mirror.all().size).toBe(0);
  });

  it("ignores rows of an asset that it was told to forget, until that comes whole", () => {
    server.put("bitcoin", "1");
    apply(0);
    mirror.forget("bitcoin");
    server.put("bitcoin", "2");
    expect(apply(1)).toEqual([]);
    expect(apply(0)).toEqual(["bitcoin"]);
    expect(mirror.get("bitcoin")?.price).toBe("2");
  });

  it("keeps everything over a new connection to the same epoch, and resumes where it was", () => {
    server.put("bitcoin", "1");
    apply(0);
    expect(server.hello(mirror)).toBe(true);
    expect(mirror.position()).toEqual({ epoch: "e1", seq: 1 });
    expect(mirror.get("bitcoin")?.price).toBe("1");
  });

  it("is empty in another epoch, where numbers mean other assets", () => {
    server.put("bitcoin", "1");
    apply(0);
    const other = gateway("*", "e2");
    expect(other.hello(mirror)).toBe(false);
    expect(mirror.all().size).toBe(0);
    expect(mirror.position()).toEqual({ epoch: "e2", seq: 0 });
    other.put("ethereum", "2");
    for (const update of other.since(0)) mirror.update(update);
    expect([...mirror.all().keys()]).toEqual(["ethereum"]);
  });

  it("moves on with a heartbeat", () => {
    const timestamp = new Date(START).toISOString();
    const subscription = { assets: "*", interval: 1000 } as const;
    mirror.update({
      type: "price_update",
      seq: 3,
      timestamp,
      assets: [],
      prices: [],
      subscription,
    });
    mirror.heartbeat({ type: "heartbeat", seq: 7, timestamp });
    expect(mirror.position()).toEqual({ epoch: "e1", seq: 7 });
  });
});
