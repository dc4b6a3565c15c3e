import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import {
  decodeClientMessage,
  decodeServerMessage,
  V1,
} from "@cryptovault/price-stream/protocol/v1";
import { Ajv } from "ajv";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientMessages, serverMessages } from "../../client/test/protocol/messages.ts";
import { createBook } from "../src/book/book.ts";
import { manualClock } from "../src/clock.ts";
import { plainFrames } from "../src/hub/frame.ts";
import { createPlain } from "../src/hub/plain.ts";
import { connect, ofType, until } from "./support/client.ts";
import { coincapLeads, type Rig, startRig } from "./support/gateway.ts";

const TEXT = readFileSync(new URL("../../asyncapi.yaml", import.meta.url), "utf8");

type Described = { payload: object | boolean; examples: unknown[] };

const ajv = new Ajv({ allowUnionTypes: true });
// Where the parser found a schema without a name, it writes one of its own into it.
ajv.addKeyword("x-parser-schema-id");
const described = new Map<string, Described>();
let rig: Rig;

const parsing = new Parser().parse(TEXT);

beforeAll(async () => {
  for (const message of (await parsing).document?.components().messages() ?? []) {
    const examples = message.examples().all();
    described.set(message.id(), {
      payload: message.payload()?.json() ?? false,
      examples: examples.map((example) => example.payload()),
    });
  }
  rig = await startRig();
  await until(() => coincapLeads(rig), 10_000);
});
afterAll(() => rig.close());

/** What is wrong with a message, by the schema of this name. */
function faults(key: string, message: unknown): unknown[] {
  const schema = described.get(key)?.payload;
  if (!schema) throw new Error(`The document does not describe ${key}`);
  const validate = ajv.compile(schema);
  return validate(message) ? [] : (validate.errors ?? []);
}

/** The key of a message in the document: of v1 where there are two. */
const keyOf = (type: string, isV1: boolean): string => {
  const camel = type.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
  const ofV1 = `v1${camel.charAt(0).toUpperCase()}${camel.slice(1)}`;
  return isV1 && described.has(ofV1) ? ofV1 : camel;
};

it("is a valid document by the official parser, without so much as a warning", async () => {
  const { diagnostics } = await parsing;
  const ignored = ["asyncapi-latest-version"];
  expect(diagnostics.filter(({ code }) => !ignored.includes(String(code)))).toEqual([]);
});

it("has an example of every message, which is as the message's schema says", () => {
  for (const [key, { examples }] of described) {
    expect(examples, key).not.toHaveLength(0);
    for (const payload of examples) expect(faults(key, payload), key).toEqual([]);
  }
});

it("shows no message of v1 that the codec would not read", () => {
  for (const [key, { examples }] of described) {
    if (!key.startsWith("v1")) continue;
    for (const payload of examples) {
      const text = JSON.stringify(payload);
      const fromClient = decodeClientMessage(text);
      expect("bad" in fromClient ? decodeServerMessage(text) : fromClient, key).toEqual(payload);
    }
  }
});

it("describes every message that the codec of v1 can write", () => {
  fc.assert(
    fc.property(fc.oneof(clientMessages, serverMessages), (message) => {
      expect(faults(keyOf(message.type, true), JSON.parse(JSON.stringify(message)))).toEqual([]);
    }),
  );
});

describe("what a gateway sends is as the document says:", () => {
  const received = async (protocols: string[], texts: (string | Buffer)[], types: string[]) => {
    const client = await connect(rig.gateway.port, "/ws/prices", protocols);
    for (const text of texts) client.send(text);
    const seen = () => new Set(client.messages.map(({ type }) => type));
    await until(() => types.every((type) => seen().has(type)), 15_000);
    client.close();
    return client.messages.map(({ receivedAt, ...message }) => message);
  };

  it("the plain contract", async () => {
    const types = ["connection", "price_update", "status", "price", "pong", "error"];
    const asked = ["ping", '{"type":"get_status"}', '{"type":"get_price","symbol":"BTC"}', "{"];
    for (const message of await received([], asked, types)) {
      expect(faults(keyOf(message.type, false), message), message.type).toEqual([]);
    }
  });

  it("v1, while exchanges come and go and prices grow old", async () => {
    const client = await connect(rig.gateway.port, "/ws/prices", [V1]);
    client.send('{"type":"subscribe","assets":["BTC","ethereum","no-such-coin"],"interval":100}');
    client.send('{"type":"subscribe","assets":"*"}');
    client.send("ping");
    client.send("{");
    client.socket.on("message", (data) => {
      const { seq, echo } = JSON.parse(data.toString());
      if (echo) client.send(JSON.stringify({ type: "echo", seq }));
    });
    const told = (what: string) => () => JSON.stringify(client.messages).includes(`"${what}":`);
    await client.next(ofType("pong"));
    await until(told("unknown"));
    rig.emulator.break("coincap", "half-open");
    await until(told("derivedFrom"), 10_000);
    for (const exchange of ["binance", "coinbase"] as const)
      rig.emulator.break(exchange, "half-open");
    await until(told("stale"), 10_000);
    client.close();
    const types = client.messages.map(({ receivedAt, ...message }) => {
      expect(faults(keyOf(message.type, true), message), message.type).toEqual([]);
      return message.type;
    });
    expect([...new Set(types)].sort()).toEqual(["error", "hello", "pong", "price_update"]);
  });

  it("a quiet asset of the plain contract", () => {
    const clock = manualClock(0);
    const book = createBook({ epoch: "e", staleAfterMs: 60_000 });
    const { now } = clock;
    const plain = createPlain({
      book,
      now,
      staleAfterMs: 60_000,
      mode: "replay",
      isRunning: () => true,
    });
    const due = plain.single("bitcoin", plainFrames).open();
    const texts = Array.from({ length: 25 }, () => due()(0, false)).flatMap(
      ({ messages }) => messages,
    );
    expect(texts).toHaveLength(1);
    for (const text of texts) expect(faults("keepAlive", JSON.parse(text))).toEqual([]);
  });
});
