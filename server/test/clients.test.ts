import { expect, it } from "vitest";
import WebSocket from "ws";
import { paceClock, restlessClock } from "../bench/clients/clocks.ts";
import { runMany } from "../bench/clients/many.ts";
import { report } from "../bench/clients/run.ts";
import { planScript } from "../bench/clients/script.ts";
import { startStage } from "../bench/clients/stage.ts";
import { createWiretap } from "../bench/clients/wiretap.ts";

it("a client that applies every frame holds, at each number, exactly the book of that number", {
  timeout: 40_000,
}, async () => {
  const { failures, leaks, counts } = await runMany({ seed: 1, runs: 40 });
  expect(failures.map(report)).toEqual([]);
  expect(leaks).toEqual([]);
  expect(counts.frames).toBeGreaterThan(4000);
  expect(counts.answers).toBeGreaterThan(1000);
  expect(counts.resumed).toBeGreaterThan(100);
  expect(counts.merged).toBeGreaterThan(5);
  expect(counts.cut).toBeGreaterThan(5);
});

it("a seed brings the same script again, and another seed another", () => {
  expect(planScript(5, 300)).toEqual(planScript(5, 300));
  expect(planScript(5, 300)).not.toEqual(planScript(6, 300));
});

it("a client that comes while the server ends is turned away, and not waited for", async () => {
  const pace = paceClock(0);
  const stage = await startStage("e", restlessClock(0), pace);
  const url = `ws://127.0.0.1:${stage.port}/ws/prices`;
  const first = new WebSocket(url);
  await new Promise((resolve) => first.once("open", resolve));
  first.pause();
  const closing = stage.close();
  const late = new WebSocket(url);
  const refused = new Promise<string>((resolve) => {
    late.once("open", () => resolve("taken in"));
    late.once("error", ({ message }) => resolve(message));
  });
  expect(await refused).toMatch(/426/);
  pace.move(1000);
  await closing;
  first.terminate();
});

it("the wiretap counts a frame that comes after a close frame, wherever the bytes are cut", () => {
  const tap = createWiretap();
  tap.read(Buffer.from("HTTP/1.1 101 Switching Protocols\r\n"));
  tap.read(Buffer.from("\r\n"));
  const bytes = Buffer.from([0x81, 1, 0x78, 0x88, 0, 0x81, 1, 0x78]);
  for (const byte of bytes) tap.read(Buffer.from([byte]));
  expect(tap.afterClose()).toBe(1);
});
