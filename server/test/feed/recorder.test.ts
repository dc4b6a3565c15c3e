import { createWriteStream, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { manualClock, steadyClock } from "../../src/clock.ts";
import type { Network } from "../../src/feed/lane.ts";
import { createConnectBudgets } from "../../src/feed/link/budget.ts";
import type { Rest } from "../../src/feed/link/rest.ts";
import {
  createRecordingFile,
  type RecorderOptions,
  startRecorder,
} from "../../src/feed/recording/recorder.ts";
import { readRecording } from "../../src/feed/recording/recording.ts";
import { tap } from "../../src/feed/recording/tap.ts";
import { coinbase } from "../../src/sources/coinbase.ts";
import { until } from "../support/client.ts";
import { fakeDial } from "../support/dial.ts";
import { recordedLog, silentLog } from "../support/gateway.ts";

const START = 1_618_677_817_070;
const line = (raw: string) => ({
  dir: "in" as const,
  source: "coinbase",
  url: "wss://ws-feed.exchange.coinbase.com",
  raw,
});
const newFile = () => join(mkdtempSync(join(tmpdir(), "recorder-")), "traffic.jsonl.gz");
const written = (file: string) =>
  gunzipSync(readFileSync(file))
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((text) => JSON.parse(text));

function start(options: Partial<RecorderOptions> & Pick<RecorderOptions, "sink">) {
  const clock = manualClock(START);
  const recorder = startRecorder({ keys: [], limits: {}, clock, log: silentLog, ...options });
  return { clock, recorder };
}

/** A disk that takes bytes only when it is told to. */
function slowDisk() {
  const chunks: Buffer[] = [];
  let take: (() => void) | undefined;
  let free = false;
  const sink = new Writable({
    highWaterMark: 1024,
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      if (free) done();
      else take = done;
    },
  });
  return {
    sink,
    chunks,
    recover() {
      free = true;
      take?.();
    },
  };
}

it("writes each line with the time of its receipt, compressed", async () => {
  const file = newFile();
  const { clock, recorder } = start({ sink: await createRecordingFile(file) });
  recorder.write(line('{"type":"ticker"}'));
  clock.advanceTo(START + 12);
  recorder.write({ ...line("{}"), dir: "out" });
  expect(await recorder.stop()).toMatchObject({ frames: 2, lost: 0 });
  expect(written(file)).toEqual([
    { t: 1618677817.07, ...line('{"type":"ticker"}') },
    { t: 1618677817.082, ...line("{}"), dir: "out" },
  ]);
});

it("has on the disk what is older than a second, so that a crash costs no more", async () => {
  const file = newFile();
  const { clock, recorder } = start({ sink: await createRecordingFile(file) });
  for (const raw of ["1", "2", "3"]) recorder.write(line(raw));
  clock.advanceTo(START + 1000);
  await until(() => readFileSync(file).length > 50);
  // What a crash would leave: the stream has no end.
  const rest = newFile();
  writeFileSync(rest, readFileSync(file));
  let cut = 0;
  const found: unknown[] = [];
  for await (const read of readRecording(rest, [coinbase], () => cut++)) found.push(read);
  expect(found).toMatchObject([{ raw: "1" }, { raw: "2" }, { raw: "3", receivedAt: START }]);
  expect(cut).toBe(1);
  await recorder.stop();
});

it("reads a recording that was cut anywhere up to the cut", async () => {
  const file = newFile();
  const { clock, recorder } = start({ sink: await createRecordingFile(file) });
  for (let n = 0; n < 400; n++) {
    recorder.write(line(`${n} ${Math.sin(n)}`));
    clock.advanceTo(START + n * 100);
  }
  await recorder.stop();
  const whole = readFileSync(file);
  for (const share of [0.3, 0.7, 0.99]) {
    writeFileSync(file, whole.subarray(0, Math.floor(whole.length * share)));
    let cut = false;
    let count = 0;
    for await (const read of readRecording(file, [coinbase], () => {
      cut = true;
    })) {
      expect(read).toMatchObject({ kind: "frame", raw: `${count} ${Math.sin(count)}` });
      count++;
    }
    expect(count).toBeGreaterThan(400 * share - 60);
    expect(count).toBeLessThan(400);
    expect(cut).toBe(true);
  }
});

it("lets no key or token into the file", async () => {
  const file = newFile();
  const key = 'k"1+/=';
  const { recorder } = start({ sink: await createRecordingFile(file), keys: [key, ""] });
  const secrets = [
    `wss://wss.coincap.io/prices?assets=ALL&apiKey=${encodeURIComponent(key)}`,
    "wss://ws.example/endpoint?token=2neAiuYvAU61ZD&connectId=7",
    "wss://user:pass@example.com/?x-api-key=abc&api_secret=def&a=1",
  ];
  for (const url of secrets) recorder.write({ ...line(`Unauthorized: ${key} is no key`), url });
  await recorder.stop();
  const lines = written(file);
  expect(lines.map(({ url }) => url)).toEqual([
    "wss://wss.coincap.io/prices?assets=ALL&apiKey=REDACTED",
    "wss://ws.example/endpoint?token=REDACTED&connectId=7",
    "wss://REDACTED@example.com/?x-api-key=REDACTED&api_secret=REDACTED&a=1",
  ]);
  expect(lines.map(({ raw }) => raw)).toEqual(Array(3).fill("Unauthorized: REDACTED is no key"));
});

it("writes down the instrument list, but no other answer: it may hold a token", async () => {
  const lines: unknown[] = [];
  const bodies: Record<string, unknown> = {
    "https://rest.example/products": [{ id: "BTC-USD" }],
    "https://rest.example/bullet-public": { token: "secret" },
  };
  const { dial, calls } = fakeDial();
  const rest: Rest = async ({ url }) => ({ body: bodies[url], unchanged: false, etag: undefined });
  const network: Network = { dial, rest, budgets: createConnectBudgets() };
  const endpoint = { ws: "wss://ws.example", rest: "https://rest.example" };
  const source = { source: coinbase, endpoint, key: undefined };
  const tapped = tap(network, source, steadyClock(manualClock(START)), (l) => lines.push(l));
  for (const url in bodies) expect((await tapped.rest({ url })).body).toBe(bodies[url]);
  const heard: string[] = [];
  const socket = tapped.dial("wss://ws.example", {
    opened: () => heard.push("opened"),
    text: (frame) => heard.push(frame),
    refused: () => {},
    closed: (reason) => heard.push(reason),
  });
  calls[0]?.events.opened();
  socket.send("subscribe");
  calls[0]?.events.text("frame");
  calls[0]?.events.closed("closed with 1006");
  socket.destroy();
  expect(heard).toEqual(["opened", "frame", "closed with 1006"]);
  expect(calls[0]).toMatchObject({ sent: ["subscribe"], destroyed: true });
  const at = { source: "coinbase", url: "wss://ws.example" };
  expect(lines).toEqual([
    { ...at, dir: "list", url: "https://rest.example/products", raw: '[{"id":"BTC-USD"}]' },
    { ...at, dir: "link", raw: "opened" },
    { ...at, dir: "out", raw: "subscribe" },
    { ...at, dir: "in", raw: "frame" },
    { ...at, dir: "link", raw: "closed with 1006" },
  ]);
});

it("leaves out what a slow disk can't take, holds little of it, and tells the gap", async () => {
  const { sink, chunks, recover } = slowDisk();
  const { log, messages } = recordedLog();
  const { clock, recorder } = start({ sink, log });
  const frame = "x".repeat(1024 * 1024);
  for (let second = 1; second <= 40; second++) {
    for (let n = 0; n < 4; n++) recorder.write(line(`${Math.random()}${frame}`));
    clock.advanceTo(START + second * 1000);
  }
  expect(messages.filter((message) => message.includes("slower"))).toHaveLength(1);
  recover();
  const { frames, lost, failure } = await recorder.stop();
  expect(failure).toBeUndefined();
  expect(frames + lost).toBe(160);
  // 16 MB wait here, and what the disk was given last.
  expect(frames).toBeLessThan(24);
  const lines = gunzipSync(Buffer.concat(chunks)).toString().trim().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ t: START / 1000 + 40, dir: "gap", lost });
});

it("ends when the disk fails, says why, and takes no more", async () => {
  const { recorder } = start({ sink: createWriteStream("/dev/full") });
  recorder.write(line("1"));
  const stopped = await recorder.stop();
  expect(stopped.failure?.message).toContain("ENOSPC");
  recorder.write(line("2"));
  expect((await recorder.ended).frames).toBe(1);
});

it("ends by itself at its largest size, with a whole file", async () => {
  const file = newFile();
  const { clock, recorder } = start({
    sink: await createRecordingFile(file),
    limits: { bytes: 20_000 },
  });
  let ended = false;
  void recorder.ended.then(() => {
    ended = true;
  });
  for (let second = 1; !ended && second < 200; second++) {
    for (let n = 0; n < 20; n++) recorder.write(line(String(Math.random())));
    clock.advanceTo(START + second * 1000);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const { bytes, frames } = await recorder.ended;
  expect(bytes).toBeGreaterThanOrEqual(20_000);
  expect(bytes).toBeLessThan(25_000);
  expect(written(file)).toHaveLength(frames);
});

it("ends by itself after its time", async () => {
  const file = newFile();
  const { clock, recorder } = start({
    sink: await createRecordingFile(file),
    limits: { ms: 2500 },
  });
  recorder.write(line("1"));
  clock.advanceTo(START + 2500);
  recorder.write(line("2"));
  expect(await recorder.ended).toMatchObject({ frames: 1 });
});

it("refuses a file that exists already, and one that can't be written", async () => {
  const file = newFile();
  writeFileSync(file, "precious");
  await expect(createRecordingFile(file)).rejects.toThrow(/exists already\. Choose another name/);
  expect(readFileSync(file, "utf8")).toBe("precious");
  await expect(createRecordingFile(join(file, "x.gz"))).rejects.toThrow(
    /can't be written.*ENOTDIR/,
  );
});
