import fc from "fast-check";
import type {
  ClientMessage,
  Facts,
  ServerMessage,
  Subscription,
  UpdateMessage,
} from "../../src/protocol/v1.ts";

/** Every message of `cryptovault.v1.json`, as fast-check makes them. */

const flag = fc.constant(true as const);
const count = fc.maxSafeNat();
const timestamp = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .map((date) => date.toISOString());
const label = fc.oneof(
  fc.constant({}),
  fc.constant({ demo: true as const }),
  fc.constant({ replay: true as const }),
);
const name = fc.oneof(
  fc.constantFrom("bitcoin", "BTC", "__proto__", "constructor", "toString", "ping"),
  fc.string({ minLength: 1, maxLength: 32, unit: "binary" }).filter((name) => name !== "*"),
);
const price = fc.stringMatching(/^[1-9]\d{0,14}(\.\d{1,20})?$/);
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const numberOrNull = fc.option(number);

const gaps = (length: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.integer({ min: 1, max: 5000 }), { minLength: length, maxLength: length })
    .chain((gaps) => fc.nat(10).map((first) => gaps.map((gap, i) => (i === 0 ? first : gap))));

const column = <Cell>(length: number, cell: fc.Arbitrary<Cell>): fc.Arbitrary<Cell[]> =>
  fc.array(cell, { minLength: length, maxLength: length });

const facts: fc.Arbitrary<Facts> = fc.nat(5).chain((length) =>
  fc.record(
    {
      assets: gaps(length),
      names: column(length, name),
      source: name,
      quote: name,
      derivedFrom: name,
      thin: flag,
      stale: column(length, number),
    },
    { requiredKeys: ["assets", "names", "source", "quote"] },
  ),
);

const subscription: fc.Arbitrary<Subscription> = fc.record(
  {
    assets: fc.oneof(fc.constant("*" as const), count),
    interval: count,
    names: fc.dictionary(name, name),
    unknown: fc.array(name, { maxLength: 5 }),
    changes: count,
  },
  { requiredKeys: ["assets", "interval"] },
);

const update: fc.Arbitrary<UpdateMessage> = fc.nat(8).chain((length) =>
  fc.record(
    {
      type: fc.constant("price_update" as const),
      seq: count,
      timestamp,
      assets: gaps(length),
      prices: column(length, price),
      change24h: column(length, numberOrNull),
      ages: column(length, numberOrNull),
      facts: fc.array(facts, { maxLength: 3 }),
      removed: fc.nat(3).chain(gaps),
      echo: flag,
      subscription,
    },
    { requiredKeys: ["type", "seq", "timestamp", "assets", "prices"] },
  ),
);

const text = fc.string({ unit: "binary" });

export const serverMessages: fc.Arbitrary<ServerMessage> = fc
  .tuple(
    label,
    fc.oneof<fc.Arbitrary<ServerMessage>[]>(
      update,
      fc.record({
        type: fc.constant("hello" as const),
        epoch: text,
        seq: count,
        heartbeatMs: count,
        limits: fc.record({ messageBytes: count, messagesPerSecond: count, assets: count }),
        timestamp,
      }),
      fc.record(
        { type: fc.constant("heartbeat" as const), seq: count, timestamp, echo: flag },
        { requiredKeys: ["type", "seq", "timestamp"] },
      ),
      fc.record({ type: fc.constant("pong" as const), timestamp }),
      fc.record({
        type: fc.constant("error" as const),
        code: text,
        message: text,
        hint: text,
        timestamp,
      }),
    ),
  )
  .map(([label, message]) => ({ ...message, ...label }));

const assets = fc.oneof(fc.constant("*" as const), fc.array(name, { maxLength: 20 }));

export const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof<fc.Arbitrary<ClientMessage>[]>(
  fc.record(
    {
      type: fc.constant("subscribe" as const),
      assets,
      interval: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 60_000 })),
      since: fc.record({ epoch: text, seq: count }),
      more: flag,
    },
    { requiredKeys: ["type"] },
  ),
  fc.record(
    { type: fc.constant("unsubscribe" as const), assets, more: flag },
    { requiredKeys: ["type", "assets"] },
  ),
  fc.record({ type: fc.constant("echo" as const), seq: count }),
  fc.constant({ type: "ping" as const }),
);
