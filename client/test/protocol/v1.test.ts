import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeClientMessage, decodeServerMessage, encode } from "../../src/protocol/v1.ts";
import { MAX_CLIENT_MESSAGE_BYTES } from "../../src/protocol.ts";
import { clientMessages, serverMessages } from "./messages.ts";

describe("the codec of cryptovault.v1.json", () => {
  it("reads every message of the client as it was written", () => {
    fc.assert(
      fc.property(clientMessages, (message) => {
        expect(decodeClientMessage(encode(message))).toEqual(message);
      }),
    );
  });

  it("reads every message of the gateway as it was written", () => {
    fc.assert(
      fc.property(serverMessages, (message) => {
        expect(decodeServerMessage(encode(message))).toEqual(message);
      }),
    );
  });
});

/** Words that mean something to a decoder, or to JavaScript. */
const WORDS = [
  ..."subscribe unsubscribe echo ping hello price_update heartbeat pong error".split(" "),
  ..."__proto__ constructor toString valueOf hasOwnProperty * bitcoin 1.5".split(" "),
  new Date(0).toISOString(),
];
const KEYS = [
  ..."type assets interval since epoch seq more timestamp limits prices change24h ages".split(" "),
  ..."facts names source quote stale removed echo subscription __proto__ toString".split(" "),
];
const leaf = fc.oneof(
  fc.constantFrom(...WORDS, 0, -1, 0.5, 1e308, 2 ** 53, Number.MIN_VALUE, true, false, null),
  fc.string(),
);
const { value: almostValue } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("value"), { maxLength: 4 }), tie("object")),
  object: fc
    .array(fc.tuple(fc.constantFrom(...KEYS), tie("value")), { maxLength: 6 })
    .map((pairs) => Object.fromEntries(pairs)),
}));
/** Written by hand, so that a key may come twice, and `__proto__` is a key like others. */
const almostMessage = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), almostValue), { maxLength: 8 })
  .map((pairs) => pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`))
  .map((fields) => `{${fields.join(",")}}`);
/** A real message with a piece cut out, doubled, or replaced. */
const mutated = fc
  .tuple(
    fc.oneof(clientMessages.map(encode), serverMessages.map(encode)),
    fc.nat(),
    fc.nat(20),
    fc.oneof(
      fc.constant(""),
      fc.constantFrom(
        "1e999",
        "-0",
        "99999999999999999999",
        "[",
        "}",
        '"',
        ",",
        "null",
        '"type":{}',
      ),
      fc.string(),
    ),
  )
  .map(([text, at, length, replacement]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + replacement + text.slice(start + length);
  });
const anyBytes = fc
  .uint8Array({ maxLength: MAX_CLIENT_MESSAGE_BYTES })
  .map((bytes) => new TextDecoder().decode(bytes));
const anyText = fc.oneof(anyBytes, fc.json(), almostMessage, mutated);

/** Repeats `piece` up to the longest message that a client may send. */
const filled = (before: string, piece: string, after = "") =>
  before +
  piece.repeat(
    Math.floor((MAX_CLIENT_MESSAGE_BYTES - before.length - after.length) / piece.length),
  ) +
  after;

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

describe("whatever bytes come", () => {
  it("the gateway's decoder does not throw, and says one of four things of what it can't use", () => {
    const reasons = ["not_json", "unknown_type", "bad_subscription", "bad_echo"];
    fc.assert(
      fc.property(anyText, (text) => {
        const message = decodeClientMessage(text);
        if ("bad" in message) expect(reasons).toContain(message.bad);
        // What it takes for a message is one: written and read again, it stays the same.
        else expect(decodeClientMessage(encode(message))).toEqual(message);
      }),
      { numRuns: 5000 },
    );
  });

  it("the client's decoder does not throw, and lets nothing through that has holes", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const message = decodeServerMessage(text);
        if (message?.type !== "price_update") return;
        const { assets, prices, change24h = assets, ages = assets, facts = [] } = message;
        const lengths = [prices, change24h, ages].map(({ length }) => length);
        expect(lengths).toEqual([assets.length, assets.length, assets.length]);
        for (const { assets, names } of facts) expect(names).toHaveLength(assets.length);
      }),
      { numRuns: 5000 },
    );
  });

  it("the gateway keeps no more of a message than was in it", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const message = decodeClientMessage(text);
        if (!("assets" in message) || !Array.isArray(message.assets)) return;
        const kept = message.assets.reduce((sum, { length }) => sum + length + 1, 0);
        expect(kept).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["4 KiB of opening brackets", filled("", "["), "not_json"],
    ["4 KiB of opening braces", filled("", '{"a":'), "not_json"],
    ["arrays nested as deep as fits", nested(2048), "not_json"],
    ["objects nested as deep as fits", `${'{"a":'.repeat(600)}1${"}".repeat(600)}`, "unknown_type"],
    [
      "nested arrays for assets",
      `{"type":"subscribe","assets":${nested(2000)}}`,
      "bad_subscription",
    ],
    ["a nested position", `{"type":"subscribe","since":${nested(2000)}}`, "bad_subscription"],
    ["a nested type", `{"type":${nested(2000)}}`, "unknown_type"],
    [
      "a name as long as fits",
      filled('{"type":"subscribe","assets":["', "x", '"]}'),
      "bad_subscription",
    ],
    [
      "a name with 65 characters",
      `{"type":"subscribe","assets":["${"x".repeat(65)}"]}`,
      "bad_subscription",
    ],
    ["a number as long as fits", filled('{"type":"echo","seq":', "9", "}"), "bad_echo"],
    ["a fraction as long as fits", filled('{"type":"echo","seq":0.', "1", "}"), "bad_echo"],
    ["an exponent beyond all numbers", '{"type":"echo","seq":1e999}', "bad_echo"],
    ["a type beside the prototype", '{"__proto__":{"type":"ping"}}', "unknown_type"],
    ["a type that is no text", '{"type":{"toString":1}}', "unknown_type"],
    ["a type of which all objects know", '{"type":"constructor"}', "unknown_type"],
    ["a second type after the first", '{"type":"ping","type":"pong"}', "unknown_type"],
    ["a list", '[{"type":"ping"}]', "not_json"],
    ["nothing", "", "not_json"],
    ["null", "null", "not_json"],
    ["an interval between 0 and 100", '{"type":"subscribe","interval":99}', "bad_subscription"],
    ["an interval above a minute", '{"type":"subscribe","interval":60001}', "bad_subscription"],
    ["half a millisecond", '{"type":"subscribe","interval":100.5}', "bad_subscription"],
    ["an interval as text", '{"type":"subscribe","interval":"1000"}', "bad_subscription"],
    ["a position without epoch", '{"type":"subscribe","since":{"seq":1}}', "bad_subscription"],
    [
      "a position before the first",
      '{"type":"subscribe","since":{"epoch":"e","seq":-1}}',
      "bad_subscription",
    ],
    ["more as a number", '{"type":"subscribe","more":1}', "bad_subscription"],
    ["one asset without a list", '{"type":"subscribe","assets":"bitcoin"}', "bad_subscription"],
    ["an empty name", '{"type":"subscribe","assets":[""]}', "bad_subscription"],
    ["an unsubscription from nothing", '{"type":"unsubscribe"}', "bad_subscription"],
    ["an echo without seq", '{"type":"echo"}', "bad_echo"],
    ["an echo of half a number", '{"type":"echo","seq":1.5}', "bad_echo"],
  ])("the gateway refuses %s", (_what, text, bad) => {
    expect(text.length).toBeLessThanOrEqual(MAX_CLIENT_MESSAGE_BYTES);
    expect(decodeClientMessage(text)).toEqual({ bad });
  });

  const at = '"timestamp":"2026-03-01T12:00:00.000Z"';
  const rows = '"type":"price_update","seq":1,"assets":[0],"prices":["1"]';
  const subscribed = (fields: string) => `{${rows},"subscription":{${fields}},${at}}`;

  it.each([
    ["a type that is no text", `{"type":{"toString":1},${at}}`],
    ["a type of which all objects know", `{"type":"constructor",${at}}`],
    ["another one", `{"type":"__proto__",${at}}`],
    ["a time that is none", `{"type":"pong","timestamp":"yesterday"}`],
    ["a label that is not true", `{"type":"pong","demo":"no",${at}}`],
    ["a price that is a number", `{"type":"price_update","seq":1,"assets":[0],"prices":[1],${at}}`],
    ["a price of zero", `{"type":"price_update","seq":1,"assets":[0],"prices":["0.00"],${at}}`],
    [
      "a price with exponent",
      `{"type":"price_update","seq":1,"assets":[0],"prices":["1e5"],${at}}`,
    ],
    [
      "one price for two assets",
      `{"type":"price_update","seq":1,"assets":[0,1],"prices":["1"],${at}}`,
    ],
    ["an asset twice", `{"type":"price_update","seq":1,"assets":[3,0],"prices":["1","2"],${at}}`],
    ["a column too short", `{${rows},"ages":[],${at}}`],
    ["facts without names", `{${rows},"facts":[{"assets":[0],"source":"a","quote":"USD"}],${at}}`],
    ["a request for an echo that is none", `{${rows},"echo":1,${at}}`],
    ["a heartbeat without seq", `{"type":"heartbeat",${at}}`],
    ["a subscription that is none", `{${rows},"subscription":7,${at}}`],
    ["a subscription without interval", subscribed('"assets":"*"')],
    ["a subscription to no number", subscribed('"assets":"all","interval":1000')],
    ["names that are no texts", subscribed('"assets":1,"interval":0,"names":{"BTC":1}')],
    ["unknown ones without a list", subscribed('"assets":1,"interval":0,"unknown":"x"')],
  ])("the client ignores %s", (_what, text) => {
    expect(decodeServerMessage(text)).toBeUndefined();
  });
});
