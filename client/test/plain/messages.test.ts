import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMessage } from "../../src/plain/messages.ts";
import { T } from "../fakes.ts";

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
});

it("reads the plain messages of gateways that know no list of stale prices", () => {
  const { message } = parseMessage(
    JSON.stringify({ type: "price_update", prices: { bitcoin: "1" }, timestamp: T, source: "x" }),
  );
  expect(message).toMatchObject({ prices: { bitcoin: "1" }, stale: [] });
});
