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

it("a client that moves to the group where it is goes on to be served", () => {
  const stream = testStream({ echoes: false });
  const sink = testSink();
  const member = hub.join(stream.broadcast(), sink);
  member.move(stream.broadcast(), () => ({ frame: undefined, seq: 0 }));
  stream.seq = 1;
  clock.advanceTo(1000);
  expect(sink.received).toEqual(["0-1"]);
  member.leave();
  expect(hub.stats()).toMatchObject({ clients: 0, loops: 0, groups: 0 });
});

it("an evicted client that leaves late takes nobody's group along", () => {
  const stream = testStream({ echoes: false });
  const slow = [testSink(), testSink()];
  const members = slow.map((sink) => hub.join(stream.broadcast(), sink));
  for (const sink of slow) sink.blocked = true;
  clock.advanceTo(31_000);
  members[0]?.leave();
  const sink = testSink();
  hub.join(stream.broadcast(), sink);
  members[1]?.leave();
  stream.seq = 1;
  clock.advanceTo(32_000);
  expect(sink.received).toEqual(["0-1"]);
});
