import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { closeCodes } from "@cryptovault/price-stream/protocol";
import { decodeClientMessage, decodeServerMessage } from "@cryptovault/price-stream/protocol/v1";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createMirror } from "../../client/src/mirror.ts";
import { parseMessage } from "../../client/src/plain/messages.ts";
import { clientErrors } from "../src/errors.ts";
import { until } from "./support/client.ts";
import { coincapLeads, type Rig, startRig } from "./support/gateway.ts";

const TEXT = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

const blocks = (language: string): string[] =>
  [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, block = ""]) => block.trim(),
  );

/** A message of either contract as its own decoder reads it; undefined where none does. */
function understood(text: string): unknown {
  const ofClient = decodeClientMessage(text);
  if (!("bad" in ofClient)) return ofClient;
  return decodeServerMessage(text) ?? parseMessage(text).message;
}

it.each(blocks("json"))("the document shows a message that is one: %s", (text) => {
  // The plain decoder fills in what older gateways leave out.
  expect(understood(text)).toMatchObject(JSON.parse(text));
});

it("shows every message of v1", () => {
  const types = new Set(blocks("json").map((text) => JSON.parse(text).type));
  const wanted = "hello subscribe unsubscribe price_update heartbeat echo pong error".split(" ");
  expect([...types]).toEqual(expect.arrayContaining(wanted));
});

it("works out its example as the mirror does", () => {
  const mirror = createMirror();
  for (const text of blocks("json")) {
    const message = decodeServerMessage(text);
    if (message?.type === "hello") mirror.hello(message);
    if (message?.type !== "price_update") continue;
    mirror.update(message);
    if (message.subscription?.assets === 3) mirror.forget("usd-coin");
  }
  const rows = [...mirror.all().values()].map((entry) => {
    const { asset, price, quote, change24h, source, derivedFrom, exchangeTime } = entry;
    const time = new Date(exchangeTime ?? 0).toISOString().slice(11, 23);
    return `| ${asset} | ${price} ${quote} | +${change24h} % | ${source} | ${derivedFrom} | ${time} |`;
  });
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(TEXT).toContain(row);
  expect(TEXT).toContain(`at position ${mirror.position()?.seq}:`);
});

it("lists every error and every close code", () => {
  for (const code of Object.keys(clientErrors)) expect(TEXT).toContain(`\n| \`${code}\` |`);
  for (const code of Object.values(closeCodes)) expect(TEXT).toContain(`\n| ${code} |`);
});

type Prices = Map<string, { price: string; source: string; stale: boolean }>;
type Watch = (url: string, assets: string[], onChange: (prices: Prices) => void) => () => void;

let rig: Rig;
let stop = () => {};

beforeAll(async () => {
  rig = await startRig();
  await until(() => coincapLeads(rig), 10_000);
});
afterEach(() => stop());
afterAll(() => rig.close());

it("has a whole client that works: it follows prices, resumes, and gives up where that is final", async () => {
  const [code = ""] = blocks("js");
  const sent: string[] = [];
  const sockets: WebSocket[] = [];
  class Spied extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      sockets.push(this);
    }
    override send(text: string) {
      sent.push(text);
      super.send(text);
    }
  }
  const globals = { WebSocket: Spied, setTimeout, clearTimeout, Math };
  const watch: Watch = runInNewContext(`${code}; watch`, globals);
  const url = `ws://127.0.0.1:${rig.gateway.port}/ws/prices`;
  let prices: Prices = new Map();
  let changes = 0;
  stop = watch(url, ["BTC", "ethereum"], (latest) => {
    prices = latest;
    changes++;
  });
  await until(() => changes >= 3);
  expect([...prices.keys()].sort()).toEqual(["bitcoin", "ethereum"]);
  expect(prices.get("bitcoin")).toMatchObject({ source: "coincap", stale: false });
  const told = rig.quotes.filter(({ asset }) => asset === "bitcoin").map(({ price }) => price);
  expect(told).toContain(prices.get("bitcoin")?.price);
  expect(sent.some((text) => text.includes("echo"))).toBe(true);

  sockets[0]?.close();
  const before = changes;
  await until(() => changes > before);
  const resumed = sent.filter((text) => text.includes("subscribe")).at(-1) ?? "";
  expect(JSON.parse(resumed).since.epoch).toBe(rig.gateway.health().book.epoch);
  stop();

  stop = watch(`${url}/no-such-coin`, [], () => {});
  const refused = sockets.at(-1);
  const code3501 = await new Promise((resolve) => {
    refused?.addEventListener("close", ({ code }) => resolve(code));
  });
  expect(code3501).toBe(closeCodes.unknownAsset);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(sockets.at(-1)).toBe(refused);
});
