import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { type Recording, startRecording } from "../src/cli/recording.ts";
import { inspectRecording } from "../src/feed/recording/recording.ts";
import { startGateway } from "../src/gateway.ts";
import { sources } from "../src/sources/index.ts";
import type { Quote } from "../src/types.ts";
import { sleep, until } from "./support/client.ts";
import { coincapLeads, PRIORITY, QUICK, type Rig, silentLog, startRig } from "./support/gateway.ts";

const KEY = "a-key-that-nobody-may-read";

/** A gateway on emulated exchanges that records, until `incident` is over. */
async function record(incident: (rig: Rig) => Promise<void>) {
  const file = join(mkdtempSync(join(tmpdir(), "record-")), "incident.jsonl.gz");
  let recording: Recording | undefined;
  const rig = await startRig({
    emulator: { coincapKey: KEY },
    async record(configured) {
      recording = await startRecording(file, {}, configured, silentLog);
      return recording;
    },
  });
  await incident(rig);
  await rig.close();
  expect(await recording?.stop()).toMatchObject({ lost: 0 });
  return { file, recorded: rig.quotes };
}

/** Every price that enters the book of a gateway on that recording, at the greatest speed. */
async function replayed(file: string, atLeast: number): Promise<Quote[]> {
  const contents = await inspectRecording(file, sources);
  const quotes: Quote[] = [];
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: 0,
    upstream: { mode: "replay", file, speed: Number.POSITIVE_INFINITY, loop: false, contents },
    sources: sources
      .filter((source) => contents.sources.includes(source))
      .map((source) => ({ source, endpoint: source.facts.endpoint, key: undefined })),
    pricing: PRIORITY,
    timing: QUICK,
    log: silentLog,
    onQuote: (quote) => quotes.push({ ...quote }),
  });
  await until(() => quotes.length >= atLeast, 10_000);
  await gateway.close();
  return quotes;
}

/** What the book was told, in order, without the millisecond in which it was told. */
const told = ({ asset, price, quote, source, exchangeTime, change24h }: Quote) =>
  [source, asset, price, quote, exchangeTime, change24h].join(" ");

it("replays a recording to the same prices, from the same sources, in the same order", async () => {
  const { file, recorded } = await record(async (rig) => {
    await until(() => coincapLeads(rig), 10_000);
    await sleep(1000);
  });
  const quotes = await replayed(file, recorded.length);
  expect(new Set(recorded.map(({ source }) => source)).size).toBeGreaterThan(1);
  expect(quotes.map(told)).toEqual(recorded.map(told));
});

it("replays an incident: the failover comes at the same time of the market", async () => {
  const { file, recorded } = await record(async (rig) => {
    await until(() => coincapLeads(rig), 10_000);
    rig.emulator.break("coincap", "stall");
    await until(() => coincap(rig)?.standing === "lost", 10_000);
    await sleep(500);
    rig.emulator.mend("coincap");
    await until(() => coincap(rig)?.standing === "speaking", 10_000);
    await sleep(500);
  });
  const speakers = recorded.filter(({ asset }) => asset === "bitcoin").map(({ source }) => source);
  expect(speakers.join()).toMatch(/(coincap,)+(binance,)+coincap/);
  const quotes = await replayed(file, recorded.length);
  expect(quotes.map(told)).toEqual(recorded.map(told));
  for (const [index, { receivedAt }] of quotes.entries()) {
    expect(Math.abs(receivedAt - (recorded[index]?.receivedAt ?? 0))).toBeLessThan(100);
  }
});

const coincap = ({ gateway }: Rig) => gateway.health().sources[0];

it("records whole traffic, and no key", async () => {
  const { file } = await record((rig) => until(() => rig.quotes.length > 100));
  const text = gunzipSync(readFileSync(file)).toString();
  expect(text).not.toContain(KEY);
  expect(text).toContain("apiKey=REDACTED");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const dir of ["in", "out", "list", "link"]) {
    expect(lines.filter((line) => line.dir === dir).length, dir).toBeGreaterThan(0);
  }
  expect(lines.every(({ source }) => sources.some(({ name }) => name === source))).toBe(true);
});
