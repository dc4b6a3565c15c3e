import { expect, it } from "vitest";
import { manualClock } from "../../src/clock.ts";
import { createHub } from "../../src/hub/hub.ts";
import { silentLog } from "../support/gateway.ts";
import { testSink, testStream } from "../support/hub.ts";

const WINDOW_MS = 15_000;

/** A hundred clients of the slowest interval there is, all but the last at the same position. */
function scene() {
  const clock = manualClock(0);
  const hub = createHub({ clock, log: silentLog });
  const stream = testStream({ intervalMs: 60_000 });
  stream.seq = 5;
  const sinks = Array.from({ length: 100 }, testSink);
  const members = sinks.map((sink) => hub.join(stream.broadcast(), sink, { position: 5 }));
  let draw = 0;
  const random = () => {
    draw += 0.618_034;
    return draw % 1;
  };
  return { clock, hub, stream, sinks, members, random };
}

it("sends clients away spread evenly over the window, in another order than they came", async () => {
  const { clock, hub, sinks, random } = scene();
  const drained = hub.drain(WINDOW_MS, random);
  const goneAt: number[] = [];
  const order: number[] = [];
  for (let now = 0; now <= WINDOW_MS; now += 100) {
    clock.advanceTo(now);
    sinks.forEach(({ sentAway }, i) => {
      if (sentAway === undefined || order.includes(i)) return;
      order.push(i);
      goneAt.push(now);
    });
  }
  await drained;
  expect(order).toHaveLength(100);
  expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  for (let second = 1; second <= 15; second++) {
    const gone = goneAt.filter((at) => at <= second * 1000).length;
    expect(Math.abs(gone - (second * 100) / 15)).toBeLessThanOrEqual(1);
  }
});

it("tells each to come back at a time of its own within three seconds", async () => {
  const { hub, sinks, random } = scene();
  await hub.drain(0, random);
  const hints = sinks.map(({ sentAway }) => sentAway ?? 0);
  expect(Math.min(...hints)).toBeGreaterThanOrEqual(500);
  expect(Math.max(...hints)).toBeLessThanOrEqual(3000);
  expect(new Set(hints).size).toBeGreaterThan(90);
});

it("gives each what is due by then, made once for those who leave together", async () => {
  const { hub, stream, sinks, random } = scene();
  stream.seq = 9;
  await hub.drain(0, random);
  expect(sinks.every(({ received }) => received.join() === "5-9")).toBe(true);
  expect(stream.made).toBe(1);
});

it("sends a client away that does not read, though it can be given nothing", async () => {
  const { hub, stream, sinks, random } = scene();
  const [slow] = sinks;
  if (slow) slow.blocked = true;
  stream.seq = 9;
  await hub.drain(0, random);
  expect(slow).toMatchObject({ received: [], evicted: false, sentAway: expect.any(Number) });
});

it("does not mind who leaves on their own, and is over at once where nobody is", async () => {
  const { clock, hub, sinks, members, random } = scene();
  const drained = hub.drain(WINDOW_MS, random);
  for (const member of members) member.leave();
  clock.advanceTo(WINDOW_MS);
  await drained;
  expect(sinks.filter(({ sentAway }) => sentAway !== undefined).length).toBeLessThanOrEqual(1);
  await hub.drain(WINDOW_MS, random);
});
