import pino from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../src/clock.ts";
import { plainFrames, textFrame } from "../src/hub/frame.ts";
import type { Broadcast } from "../src/hub/group.ts";
import { createHub, type Hub } from "../src/hub/hub.ts";
import type { Sink } from "../src/hub/member.ts";

let clock: ManualClock;
let hub: Hub;
let logged: string[];

beforeEach(() => {
  clock = manualClock(0);
  logged = [];
  const log = pino(
    { level: "info" },
    { write: (line: string) => logged.push(JSON.parse(line).msg) },
  );
  hub = createHub({ clock, log });
});

type TestSink = Sink & {
  frames: Buffer[];
  blocked: boolean;
  evicted: boolean;
  sentAway: number | undefined;
};

function sink(): TestSink {
  const self: TestSink = {
    frames: [],
    blocked: false,
    evicted: false,
    sentAway: undefined,
    write: (frame) => self.frames.push(frame),
    drained: () => !self.blocked,
    evict: () => {
      self.evicted = true;
    },
    bye: (afterMs) => {
      self.sentAway = afterMs;
    },
  };
  return self;
}

/** Counts how often its messages are asked for. */
function counting(key = "all", intervalMs = 1000): Broadcast & { asked: number } {
  const self = {
    key,
    intervalMs,
    encoding: plainFrames,
    contract: "plain" as const,
    echoes: false,
    asked: 0,
    open: () => () => {
      const messages = [`message ${++self.asked}`];
      return () => ({ messages, seq: 0 });
    },
  };
  return self;
}

it("runs its loop exactly while there are clients", () => {
  const broadcast = counting();
  clock.advanceTo(10_000);
  expect(hub.isRunning()).toBe(false);
  const members = [hub.join(broadcast, sink()), hub.join(broadcast, sink())];
  expect(hub.isRunning()).toBe(true);
  members[0]?.leave();
  expect(hub.isRunning()).toBe(true);
  members[1]?.leave();
  expect(hub.isRunning()).toBe(false);
  clock.advanceTo(20_000);
  expect(broadcast.asked).toBe(0);
  expect(logged).toEqual(["Starting WebSocket broadcast loop", "Stopped WebSocket broadcast loop"]);
});

it("makes each message once and writes the same bytes to every client, each second", () => {
  const broadcast = counting();
  const sinks = Array.from({ length: 100 }, sink);
  for (const one of sinks) hub.join(broadcast, one);
  for (let s = 0; s <= 5; s++) clock.advanceTo(s * 1000);
  expect(broadcast.asked).toBe(6);
  for (const one of sinks) expect(one.frames).toHaveLength(6);
  expect(new Set(sinks.map(({ frames }) => frames[3])).size).toBe(1);
  expect(hub.stats()).toMatchObject({ clients: 100, groups: 1, frames: 600, broadcasts: 6 });
});

it("keeps to its beat when a tick comes late", () => {
  const one = sink();
  hub.join(counting(), one);
  clock.advanceTo(0);
  clock.advanceTo(1000);
  clock.advanceTo(2000);
  expect(one.frames).toHaveLength(3);
});

it("skips a client that has not drained, and sends to the others", () => {
  const [slow, quick] = [sink(), sink()];
  const broadcast = counting();
  hub.join(broadcast, slow);
  hub.join(broadcast, quick);
  clock.advanceTo(0);
  slow.blocked = true;
  clock.advanceTo(2000);
  expect(slow.frames).toHaveLength(1);
  expect(quick.frames).toHaveLength(3);
  slow.blocked = false;
  clock.advanceTo(3000);
  expect(slow.frames.at(-1)).toBe(quick.frames.at(-1));
  expect(hub.stats().skipped).toBe(2);
});

it("evicts a client that has not read for 30 s", () => {
  const slow = sink();
  const member = hub.join(counting(), slow);
  slow.blocked = true;
  clock.advanceTo(29_000);
  expect(slow.evicted).toBe(false);
  clock.advanceTo(31_000);
  expect(slow.evicted).toBe(true);
  member.leave();
  expect(hub.stats()).toMatchObject({ clients: 0, evicted: 1 });
  expect(hub.isRunning()).toBe(false);
});

it("tells how long those who speak each contract have been sent nothing, whatever its own probe gets", () => {
  const ages = () => hub.stats().lastFrameAgeMs;
  expect(ages()).toEqual({ plain: null, v1: null, sse: null });
  const silent: Broadcast = {
    ...counting("silent"),
    open: () => () => () => ({ messages: [], seq: 0 }),
  };
  clock.advanceTo(5000);
  const probe = hub.join(counting(), sink(), { counted: false });
  const client = hub.join(silent, sink());
  clock.advanceTo(12_000);
  expect(ages()).toEqual({ plain: 7000, v1: null, sse: null });
  probe.leave();
  client.leave();
  hub.join({ ...counting(), contract: "v1" }, sink());
  clock.advanceTo(15_500);
  expect(ages()).toEqual({ plain: null, v1: 500, sse: null });
});

it("does not count its own probe as a client", () => {
  const member = hub.join(counting(), sink(), { counted: false });
  expect(hub.stats().clients).toBe(0);
  member.leave();
  expect(hub.stats().clients).toBe(0);
  expect(logged).toEqual([]);
});

it("takes a second goodbye of the same client for none", () => {
  const member = hub.join(counting(), sink());
  hub.join(counting(), sink());
  member.leave();
  member.leave();
  expect(hub.stats().clients).toBe(1);
});

it("says at a bounded rate that it broadcasts", () => {
  hub.join(counting(), sink());
  clock.advanceTo(59_000);
  expect(logged.filter((line) => line === "Broadcasted prices to 1 clients")).toHaveLength(1);
  clock.advanceTo(61_000);
  expect(logged.filter((line) => line.startsWith("Broadcasted"))).toHaveLength(2);
});

describe("frames", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])(
    "of %i bytes say their length as RFC 6455 does",
    (length) => {
      const frame = textFrame("x".repeat(length));
      const code = (frame[1] ?? 0) & 0x7f;
      const header = code < 126 ? 2 : code === 126 ? 4 : 10;
      const said =
        code < 126 ? code : code === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
      expect(frame[0]).toBe(0x81);
      expect(said).toBe(length);
      expect(frame.length).toBe(header + length);
    },
  );

  it("count bytes, not characters", () => {
    expect(textFrame("≈€")).toEqual(Buffer.from([0x81, 6, ...Buffer.from("≈€")]));
  });
});
