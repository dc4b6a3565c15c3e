import { expect, it } from "vitest";
import { judgeStuck, judgeThrottled } from "../bench/clients/slow/slow.ts";
import { runStuck } from "../bench/clients/slow/stuck.ts";
import { runThrottled } from "../bench/clients/slow/throttled.ts";

it.concurrent("a thousand clients that never read cost no memory, and are cut with 3008 in the end", {
  timeout: 40_000,
}, async () => {
  // By a clock that is five times as fast.
  const report = await runStuck(1000, 5);
  expect(judgeStuck(report), JSON.stringify(report)).toEqual([]);
  expect(report.cutAfterS).toBeGreaterThan(4);
  expect(report.cutAfterS).toBeLessThan(9);
});

it.concurrent("a client that reads 2 kB a second reads no price older than 30 s, and has the newest in the end", {
  timeout: 60_000,
}, async () => {
  const [easy, hard] = await Promise.all([runThrottled(8000, 0.1), runThrottled(8000, 0.5)]);
  for (const report of [easy, hard]) {
    expect(judgeThrottled(report), JSON.stringify(report)).toEqual([]);
    expect(report.prices).toBeGreaterThan(2000);
  }
  // Half of all assets move each second: more than 2 kB can carry, and yet no backlog.
  expect(hard.bytes).toBeGreaterThan(8 * 2048);
  expect(hard.newestAfterS).toBeLessThan(18);
});
