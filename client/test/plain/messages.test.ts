import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMessage } from "../src/messages.ts";
import { fakeStream, serverStatus, T, update } from "./fakes.ts";

const KINDS = ["connection", "price_update", "status", "price", "keep_alive", "pong", "error"];

/** JSON that looks a little like messages: the right names with anything in them. */
const almostMessage = fc.record(
  {
    type: fc.constantFrom(...KINDS, "trade", null),
    timestamp: fc.oneof(fc.constant(T), fc.jsonValue()),
    prices: fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.string(), fc.oneof(fc.constant("1.5"), fc.jsonValue())),
    ),
    stale: fc.oneof(fc.constant(["bitcoin"]), fc.jsonValue()),
    quoted: fc.oneof(fc.constant({ USDT: ["bitcoin"] }), fc.jsonValue()),
    state: fc.oneof(fc.constantFrom("connected", "stale"), fc.jsonValue()),
    symbol: fc.oneof(fc.constant("bitcoin"), fc.jsonValue()),
    price: fc.oneof(fc.constant("1"), fc.jsonValue()),
    last_update: fc.oneof(fc.constant(T), fc.jsonValue()),
    source: fc.jsonValue(),
    demo: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const anything = fc.oneof(
  fc.string(),
  fc.json(),
  fc.uint8Array(),
  almostMessage.map((value) => JSON.stringify(value)),
);

describe("garbage", () => {
  it("never throws, and yields only prices that are decimals above zero", () => {
    fc.assert(
      fc.property(anything, (data) => {
        const { message, ignored } = parseMessage(data);
        expect(message === undefined ? ignored : 1).toBe(1);
        const prices =
          message?.type === "price_update"
            ? Object.values(message.prices)
            : message?.type === "price"
              ? [message.price]
              : [];
        for (const price of prices) {
          expect(price).toMatch(/^\d+(\.\d+)?$/);
          expect(Number(price)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves a stream as it was, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 20 }), (garbage) => {
        const { stream, server } = fakeStream();
        server().goesLive();
        const { status } = stream;
        for (const text of garbage) server().says(text);
        expect(stream.status).toBe(status);
        expect(stream.ignored).toBe(garbage.length);
        stream.close();
      }),
    );
  });

  it("is counted, price by price", () => {
    const { stream, server } = fakeStream();
    const prices = { bitcoin: "1", a: "NaN", b: "-1", c: "0.00", d: "1e5", e: "", f: " 1" };
    server().says(update(prices));
    expect([...stream.all().keys()]).toEqual(["bitcoin"]);
    expect(stream.ignored).toBe(6);
  });

  it("in the list of stale prices makes the whole message unusable: no old price passes for live", () => {
    const { stream, server } = fakeStream();
    server().says(update({ bitcoin: "1" }, { stale: "bitcoin" }));
    server().says(update({ bitcoin: "1" }, { quoted: { USDT: "bitcoin" } }));
    expect(stream.all().size).toBe(0);
    expect(stream.ignored).toBe(2);
  });

  it("does not count as a sign of life", () => {
    const { stream, clock, server } = fakeStream();
    server().greets();
    server().says(serverStatus("stale"));
    for (let i = 0; i < 16; i++) {
      server().says("garbage");
      clock.advance(1000);
    }
    expect(stream.status.state).toBe("reconnecting");
  });
});

it("reads the plain messages of gateways that know no list of stale prices", () => {
  const { message } = parseMessage(
    JSON.stringify({ type: "price_update", prices: { bitcoin: "1" }, timestamp: T, source: "x" }),
  );
  expect(message).toMatchObject({ prices: { bitcoin: "1" }, stale: [] });
});
