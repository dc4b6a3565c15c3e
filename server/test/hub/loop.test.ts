import { beforeEach, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../../src/clock.ts";
import { createHub, type Hub } from "../../src/hub/hub.ts";
import { silentLog } from "../support/gateway.ts";
import { testSink, testStream } from "../support/hub.ts";

let clock: ManualClock;
let hub: Hub;

beforeEach(() => {
  clock = manualClock(0);
  hub = createHub({ clock, log: silentLog });
});

/** Lets `count` clients join, and tells at which times of the next second each of them was written to. */
function writeTimes(count: number, keyOf: (n: number) => string): number[][] {
  const stream = testStream({ echoes: false });
  const times = Array.from({ length: count }, (_, n) => {
    const written: number[] = [];
    hub.join(stream.broadcast(keyOf(n)), {
      ...testSink(),
      write: () => written.push(clock.now()),
    });
    return written;
  });
  clock.advanceTo(3000);
  for (const written of times) written.length = 0;
  for (let ms = 3001; ms <= 5000; ms++) {
    stream.seq++;
    clock.advanceTo(ms);
  }
  return times;
}

it.each([
  ["in one group", () => "all"],
  ["each in a group of its own", (n: number) => `${n}`],
])("spreads many clients %s over the interval, each with a second between its frames", (_, key) => {
  const times = writeTimes(3000, key);
  const writes = new Map<number, number>();
  for (const written of times) {
    expect(written).toHaveLength(2);
    expect((written[1] ?? 0) - (written[0] ?? 0)).toBe(1000);
    for (const at of written) writes.set(at, (writes.get(at) ?? 0) + 1);
  }
  expect(Math.max(...writes.values())).toBeLessThanOrEqual(400);
  const moments = [...writes.keys()].sort((a, b) => a - b);
  const gaps = moments.slice(1).map((at, n) => at - (moments[n] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(126);
});

it("makes a frame once for each slot of a group, whatever the number of clients", () => {
  const stream = testStream({ echoes: false });
  for (let n = 0; n < 1000; n++) hub.join(stream.broadcast(), testSink());
  expect(hub.stats()).toMatchObject({ clients: 1000, loops: 1, slots: 3, groups: 3 });
  clock.advanceTo(1000);
  stream.made = 0;
  stream.seq++;
  clock.advanceTo(2000);
  expect(stream.made).toBe(3);
});

it("fills the gaps that clients leave, and closes a slot with its last client", () => {
  const stream = testStream({ echoes: false });
  const members = Array.from({ length: 1000 }, () => hub.join(stream.broadcast(), testSink()));
  for (const member of members.slice(0, 400)) member.leave();
  expect(hub.stats().slots).toBe(2);
  for (let n = 0; n < 400; n++) hub.join(stream.broadcast(), testSink());
  expect(hub.stats()).toMatchObject({ clients: 1000, slots: 3 });
  for (const member of members) member.leave();
  expect(hub.stats()).toMatchObject({ clients: 400, loops: 1 });
});

it("serves clients of each tick once per turn of the event loop, however much has changed", () => {
  const stream = testStream({ intervalMs: 0, echoes: false });
  const sink = testSink();
  hub.join(stream.broadcast(), sink);
  for (let n = 0; n < 3; n++) {
    for (let tick = 0; tick < 100; tick++) {
      stream.seq++;
      hub.tick();
    }
    clock.advanceTo(clock.now());
  }
  expect(sink.received).toEqual(["0-100", "100-200", "200-300"]);
});

it("rests four times as long as it took to serve each tick, so that the feed has its time", () => {
  const stream = testStream({ intervalMs: 0, echoes: false });
  const writes: number[] = [];
  hub.join(stream.broadcast(), {
    ...testSink(),
    write() {
      writes.push(clock.now());
      clock.advanceTo(clock.now() + 10);
    },
  });
  for (let ms = 0; ms < 200; ms++) {
    stream.seq++;
    hub.tick();
    clock.advanceTo(Math.max(ms, clock.now()));
  }
  expect(writes.map((at) => at - (writes[0] ?? 0))).toEqual([0, 50, 100, 150]);
});

it("leaves nothing behind that could run when it is closed", () => {
  const stream = testStream({ intervalMs: 0, echoes: false });
  const each = testSink();
  const second = testSink();
  hub.join(stream.broadcast(), each);
  hub.join(testStream({ echoes: false }).broadcast(), second);
  stream.seq++;
  hub.tick();
  hub.close();
  clock.advanceTo(60_000);
  expect([each.frames, second.frames]).toEqual([[], []]);
  expect(hub.isRunning()).toBe(false);
});
