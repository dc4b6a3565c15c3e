import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { chosenSources } from "../../src/cli/chosen-sources.ts";
import { feedTiming, pricing, readConfig } from "../../src/config/config.ts";
import { inspectRecording } from "../../src/feed/recording/recording.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { sources } from "../../src/sources/index.ts";
import type { Quote } from "../../src/types.ts";
import { capture, capturedLines } from "../support/captures.ts";
import { until } from "../support/client.ts";
import { silentLog } from "../support/gateway.ts";

let gateway: Gateway | undefined;
let folder: string;
let quotes: Quote[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "replay-"));
  quotes = [];
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

async function replay(file: string, flags: { speed?: string; loop?: boolean } = {}) {
  const config = readConfig({ port: "0", host: "127.0.0.1", replay: file, ...flags }, {});
  const contents = await inspectRecording(file, config.known);
  gateway = await startGateway({
    host: config.host,
    port: config.port,
    upstream: { mode: "replay", file, speed: config.speed, loop: config.loop, contents },
    sources: chosenSources(config, {}).filter(({ source }) => contents.sources.includes(source)),
    pricing: pricing(config),
    timing: feedTiming(config),
    log: silentLog,
    onQuote: (quote) => quotes.push({ ...quote }),
  });
  return gateway;
}

/** Messages of a real client, until `enough`. */
async function collect(port: number, enough: (messages: Message[]) => boolean) {
  const messages: Message[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/prices`);
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      messages.push(JSON.parse(data.toString()));
      if (enough(messages)) resolve();
    });
  });
  socket.terminate();
  return messages;
}
type Message = {
  type: string;
  prices?: Record<string, string>;
  replay?: boolean;
  stale?: string[];
  state?: string;
};

const ticker = (t: number, price: string) => ({
  t,
  dir: "in",
  url: "wss://ws-feed.exchange.coinbase.com",
  raw: JSON.stringify({
    type: "ticker",
    product_id: "BTC-USD",
    price,
    open_24h: "90",
    time: new Date(t * 1000).toISOString(),
  }),
});

const text = (lines: readonly object[]) =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

function recording(...lines: object[]): string {
  const file = join(folder, "recording.jsonl");
  writeFileSync(file, text(lines));
  return file;
}

const captured = capture("COINBASE");

describe.skipIf(!captured.exists)("the captured Coinbase traffic of 2021", () => {
  it("brings each of the 53 SKL-USD prices in order, and nothing of the other products", async () => {
    const expected = capturedLines(captured.file)
      .filter(({ dir }) => dir === "in")
      .map(({ raw }) => JSON.parse(raw))
      .filter(({ type, product_id }) => type === "ticker" && product_id === "SKL-USD")
      .map(({ price }) => price);
    expect(expected).toHaveLength(53);
    const { port, health } = await replay(captured.file, { speed: "15" });
    const last = expected.at(-1);
    const messages = await collect(port, () => quotes.length >= 53 && health().hub.broadcasts > 3);
    expect(quotes.map(({ price }) => price)).toEqual(expected);
    const updates = await collect(port, (all) => all.some(({ type }) => type === "price_update"));
    expect(updates.at(-1)?.prices).toEqual({ "skale-network": last });
    expect([...messages, ...updates].every(({ replay }) => replay === true)).toBe(true);
    expect(health().sources).toMatchObject([
      {
        name: "coinbase",
        prices: 53,
        rejected: {},
        frames: { ticks: 107, ack: 3, "ignored:match": 97, "ignored:last_match": 10 },
      },
    ]);
  });
});

const captures = ["COINBASE", "OKX", "KUCOIN"].map((name) => ({ name, ...capture(name) }));

it
  .skipIf(!captured.exists)
  .for(captures.filter(({ name }) => sources.some((source) => source.name === name.toLowerCase())))(
  "plays the captured traffic of $name at the greatest speed, every frame of it",
  async (of) => {
    const received = capturedLines(of.file).filter(({ dir }) => dir === "in");
    const { health } = await replay(of.file, { speed: "max" });
    const read = () =>
      health()
        .sources.flatMap(({ frames }) => Object.values(frames))
        .reduce((a, b) => a + b, 0);
    await until(() => read() >= received.length);
    expect(read()).toBe(received.length);
  },
);

it("keeps the pace of the recording", async () => {
  const startedAt = Date.now();
  const { port } = await replay(recording(ticker(1000, "100"), ticker(1010, "101")), {
    speed: "10",
  });
  await collect(port, (all) => all.some(({ prices }) => prices?.bitcoin === "101"));
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1000);
});

it("begins again at the end when it is told to loop", async () => {
  await replay(recording(ticker(1000, "100"), ticker(1001, "101")), { speed: "10", loop: true });
  await expect.poll(() => quotes.length, { timeout: 5000 }).toBeGreaterThanOrEqual(6);
  expect(quotes.slice(0, 6).map(({ price }) => price)).toEqual([
    "100",
    "101",
    "100",
    "101",
    "100",
    "101",
  ]);
  expect(quotes[2]?.receivedAt).toBeGreaterThan(quotes[1]?.receivedAt ?? 0);
});

it("lets a long silence in the recording make prices stale on the recording's own clock", async () => {
  const file = recording(ticker(1000, "100"), ticker(1200, "101"));
  const { port } = await replay(file, { speed: "50" });
  const messages = await collect(port, (all) =>
    all.some(({ prices }) => prices?.bitcoin === "101"),
  );
  const stale = messages.filter(({ state }) => state === "stale");
  expect(stale[0]).toMatchObject({ type: "status", replay: true });
});

it("plays as fast as the file can be read, serving everybody else meanwhile", async () => {
  const day = Array.from({ length: 86_400 }, (_, s) =>
    ticker(1_000_000 + s, String(100 + s / 1e5)),
  );
  const startedAt = performance.now();
  const { port, health } = await replay(recording(...day), { speed: "max" });
  const client = collect(port, (all) => all.some(({ type }) => type === "price_update"));
  let [asked, longest] = [0, 0];
  while (quotes.length < day.length) {
    const askedAt = performance.now();
    await fetch(`http://127.0.0.1:${port}/livez`);
    longest = Math.max(longest, performance.now() - askedAt);
    asked++;
  }
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect(asked).toBeGreaterThan(5);
  expect(longest).toBeLessThan(1000);
  expect(quotes.at(-1)).toMatchObject({ price: "100.86399", receivedAt: 1_086_399_000 });
  expect(health().book.newestAgeMs).toBeLessThan(5000);
  await client;
});

it("reads gzip as it reads plain text", async () => {
  const file = join(folder, "recording");
  const lines = [ticker(1000, "100"), ticker(1001, "101")];
  writeFileSync(file, gzipSync(text(lines)));
  await replay(file, { speed: "max" });
  await until(() => quotes.length === 2);
  expect(quotes.map(({ price }) => price)).toEqual(["100", "101"]);
  expect(await inspectRecording(file, sources)).toMatchObject({ cut: false, frames: 2, lost: 0 });
});

it("knows the source by the recorded name where the address tells nothing", async () => {
  const file = recording({ ...ticker(1000, "100"), url: "wss://x.example", source: "coinbase" });
  expect(await inspectRecording(file, sources)).toMatchObject({ sources: [{ name: "coinbase" }] });
});

it("takes the recorded instrument list for the exchange's own", async () => {
  const base = {
    dir: "list",
    source: "coinbase",
    url: "https://api.exchange.coinbase.com/products",
  };
  const product = { id: "XBT~USD", base_currency: "BTC", quote_currency: "USD", status: "online" };
  const frame = ticker(1001, "100");
  await replay(
    recording(
      { ...base, t: 1000, raw: "no list" },
      { ...base, t: 1000, raw: JSON.stringify([product]) },
      { ...frame, raw: frame.raw.replace("BTC-USD", "XBT~USD") },
    ),
    { speed: "max" },
  );
  await until(() => quotes.length === 1);
  expect(quotes[0]).toMatchObject({ asset: "bitcoin", price: "100" });
});

it("plays a file that was cut off in the middle of a line, up to there", async () => {
  const file = recording(ticker(1000, "100"), { t: 1001, dir: "gap", lost: 7 });
  appendFileSync(file, '{"t":1002,"dir":"in","url":"wss://ws-fe');
  expect(await inspectRecording(file, sources)).toMatchObject({ cut: true, frames: 1, lost: 7 });
  await replay(file, { speed: "max" });
  await until(() => quotes.length === 1);
});

it("reports frames of an unknown address by count", async () => {
  const file = recording(
    ticker(1, "1"),
    { ...ticker(2, "2"), url: "wss://example.com" },
    { ...ticker(3, "3"), url: null },
  );
  expect((await inspectRecording(file, sources)).unclaimed).toEqual({
    "wss://example.com": 1,
    "(no address)": 1,
  });
});

it.each([
  ["no JSON", "not json\n", /:1 is not a line of a recording/],
  ["nothing", "", /holds no frame of a known exchange \(it is empty\)/],
  [
    "only foreign frames",
    '{"t":1,"dir":"in","url":"wss://example.com","raw":"x"}\n',
    /1 from wss:\/\/example.com/,
  ],
])("refuses a file that holds %s, and says so", async (_what, text, message) => {
  const file = join(folder, "broken.jsonl");
  writeFileSync(file, text);
  await expect(inspectRecording(file, sources)).rejects.toThrow(message);
});

it("says that a file can't be read", async () => {
  await expect(inspectRecording(join(folder, "missing.jsonl"), sources)).rejects.toThrow(
    /can't be read.*ENOENT/,
  );
});
