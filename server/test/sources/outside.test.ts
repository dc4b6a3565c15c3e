import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLog,
  defineSource,
  feedTiming,
  startGateway,
} from "@cryptovault/price-stream-server";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { readSource } from "../../src/sources/outside.ts";
import type { Quote } from "../../src/types.ts";
import { capture, capturedLines } from "../support/captures.ts";
import { run, start } from "../support/cli.ts";
import { connect, ofType, until } from "../support/client.ts";

const [, EXAMPLE = ""] =
  /```ts\n(.*?)```/s.exec(
    readFileSync(new URL("../../../docs/sources.md", import.meta.url), "utf8"),
  ) ?? [];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** An exchange that lists `list` over HTTP, and answers each frame with those of `answer`. */
async function exchange(list: unknown, answer: (frame: string) => unknown[]): Promise<string> {
  const http = createServer((_request, response) => response.end(JSON.stringify(list)));
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => {
      for (const frame of answer(String(data))) socket.send(JSON.stringify(frame));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    http.close();
  });
  return `127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const trade = (channel: string, price_str: string) => ({
  event: "trade",
  channel,
  data: { price: Number(price_str), price_str, microtimestamp: String(Date.now() * 1000) },
});

/** The gateway's port, once it says so. */
async function portOf(state: { output: string }): Promise<number> {
  await until(() => state.output.includes("Prices: http://localhost:"), 15_000);
  return Number(/Prices: http:\/\/localhost:(\d+)/.exec(state.output)?.[1]);
}

describe("the example of docs/sources.md", () => {
  it("brings a client the exchange's price, loaded from anywhere and named nowhere else", async () => {
    const host = await exchange(
      [{ name: "BTC/USD", url_symbol: "btcusd", trading: "Enabled" }],
      (frame) => {
        const { event, data } = JSON.parse(frame);
        if (event !== "bts:subscribe") return [{ event: "bts:heartbeat" }];
        const { channel } = data;
        return [
          { event: "bts:subscription_succeeded", channel, data: {} },
          trade(channel, "97123.40"),
        ];
      },
    );
    const flags = ["--port", "0", "--source-file", file("bitstamp.ts", EXAMPLE)];
    const endpoints = [`bitstamp=ws://${host}`, `bitstamp.rest=http://${host}`].join(",");
    const { state } = start(["serve", ...flags, "--sources", "coincap"], {
      PRICE_STREAM_ENDPOINTS: endpoints,
      COINCAP_API_KEY: "",
    });
    const port = await portOf(state);
    const client = await connect(port);
    const { prices, source } = await client.next(ofType("price_update"), 10_000);
    expect(prices).toEqual({ bitcoin: "97123.40" });
    expect(source).toBe("bitstamp");
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    const { sources } = JSON.parse(await health.text());
    expect(sources.map(({ name }: { name: string }) => name)).toEqual(["coincap", "bitstamp"]);
    expect(sources[1].frames).toEqual({ ack: 1, ticks: 1 });
    client.close();
  });

  const captured = capture("BITSTAMP");

  it.skipIf(!captured.exists)(
    "plays recorded traffic, to the price as it was written",
    async () => {
      const written = capturedLines(captured.file)
        .map(({ raw }) => JSON.parse(raw))
        .filter(({ event, channel }) => event === "trade" && channel === "live_trades_ethusd")
        .map(({ data }) => data.price_str);
      const path = file("bitstamp.ts", EXAMPLE);
      const flags = ["--port", "0", "--replay", captured.file, "--speed", "1000"];
      const { state } = start(["serve", ...flags, "--source-file", path]);
      const client = await connect(await portOf(state));
      const { prices } = await client.next(ofType("price_update"), 10_000);
      expect(Object.keys(Object(prices))).toEqual(["ethereum"]);
      expect(written).toContain(Object(prices).ethereum);
      client.close();
    },
  );
});

describe("a source file", () => {
  it("that is none is told with all that is wrong with it", async () => {
    const files = [
      file("empty.ts", "export const source = 1;"),
      file("broken.ts", "export default {"),
      file("half.ts", 'export default { name: "My Exchange", facts: {}, read: 1 };'),
      file("taken.ts", EXAMPLE.replace('name: "bitstamp"', 'name: "binance"')),
      join(folder, "missing.ts"),
    ];
    const { code, output } = await run([
      "serve",
      ...files.flatMap((path) => ["--source-file", path]),
    ]);
    expect(code).toBe(2);
    for (const told of [
      "empty.ts: has no default export",
      "broken.ts: can't be loaded:",
      "half.ts: name must be of lower-case letters, digits and dashes",
      "half.ts: facts.endpoint must be {ws, rest}",
      "half.ts: facts.silenceMs must be a number of ms",
      "half.ts: connect must be a function",
      "half.ts: read must be a function",
      "half.ts: listing must be an object",
      "taken.ts: there is a source named binance already",
      "missing.ts: can't be loaded:",
      "docs/sources.md shows how to write a source.",
    ]) {
      expect(output).toContain(told);
    }
    expect(output).not.toContain("    at ");
  });
});

/** The least that a source can be. */
const least = (read: (frame: string) => unknown) => ({
  name: "mine",
  facts: {
    endpoint: { ws: "ws://127.0.0.1:1", rest: "http://127.0.0.1:1" },
    hosts: [],
    naming: "symbol",
    silenceMs: 1000,
  },
  connect: () => ({ url: "ws://127.0.0.1:1", send: [] }),
  read,
  listing: {
    url: () => "http://127.0.0.1:1",
    read: () => ({ instruments: [] }),
    split() {
      throw new Error("not yet written");
    },
    bundled: [],
  },
});

describe("a mistake in a source from outside", () => {
  const read = (said: (frame: string) => unknown) => {
    const source = readSource(least(said));
    if ("problems" in source) throw new Error(source.problems.join());
    return source;
  };

  it.each([
    ["throws", () => JSON.parse("{")],
    ["returns nothing", () => undefined],
    ["returns what is no event", () => "ticks"],
    ["returns an event that there is not", () => ({ kind: "tick" })],
    ["returns ticks without any", () => ({ kind: "ticks" })],
    ["returns an error without words", () => ({ kind: "error", fatal: true })],
  ])("costs the frame alone where read %s", (_what, said) => {
    expect(read(said).read("frame")).toMatchObject({
      kind: "bad",
      rejection: { reason: "wrong_type" },
    });
  });

  it("lets no price through that is none", () => {
    const ticks = [
      { symbol: "A", price: "1.50" },
      { symbol: "B", price: 1.5 },
      { symbol: "C", price: "NaN" },
      { symbol: "D", price: "1", time: Number.NaN },
      { price: "1" },
    ];
    expect(read(() => ({ kind: "ticks", ticks, rejected: [] })).read("frame")).toMatchObject({
      ticks: [{ symbol: "A", price: "1.50" }],
      rejected: ["bad_price", "bad_price", "wrong_type", "wrong_type"].map((reason) => ({
        reason,
      })),
    });
  });

  it("leaves a symbol unknown where split throws", () => {
    expect(read(() => undefined).listing.split("BTCUSD")).toBeUndefined();
  });
});

it("runs in a program that starts the gateway itself, by what the package exports", async () => {
  const host = await exchange([], (symbol) => [{ symbol, last: "97123.40" }]);
  const endpoint = { ws: `ws://${host}`, rest: `http://${host}` };
  const source = defineSource({
    name: "mine",
    facts: { endpoint, hosts: [], naming: "symbol", silenceMs: 5000 },
    connect: ({ symbols }) => ({ url: endpoint.ws, send: [...symbols] }),
    read(frame) {
      const { symbol, last: price } = JSON.parse(frame);
      return { kind: "ticks", ticks: [{ symbol, price }], rejected: [] };
    },
    listing: {
      url: () => endpoint.rest,
      read: () => ({ instruments: [{ symbol: "XBT", base: "BTC", quote: "USD" }] }),
      split: () => undefined,
      bundled: [],
    },
  });
  const quotes: Quote[] = [];
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "live" },
    sources: [{ source, endpoint, key: undefined }],
    pricing: { policy: "priority", minSources: 1 },
    timing: feedTiming({ staleAfter: 60_000, failoverAfter: 30_000, hold: 30_000 }),
    log: createLog("silent", false),
    onQuote: (quote) => quotes.push(quote),
  });
  onTestFinished(() => gateway.close());
  await until(() => quotes.length > 0);
  expect(quotes[0]).toMatchObject({ asset: "bitcoin", price: "97123.40", source: "mine" });
});
