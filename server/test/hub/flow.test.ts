import { beforeEach, describe, expect, it } from "vitest";
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

/** Moves on by `s` seconds; in each of them the book changes. */
function run(stream: { seq: number }, s: number) {
  clock.advanceTo(clock.now());
  for (let n = 0; n < s; n++) {
    stream.seq++;
    clock.advanceTo(clock.now() + 1000);
  }
}

describe("a client that is behind", () => {
  it("gets one frame with all that it missed, as soon as it has drained", () => {
    const stream = testStream({ echoes: false });
    const sink = testSink();
    hub.join(stream.broadcast(), sink);
    run(stream, 2);
    sink.blocked = true;
    run(stream, 5);
    sink.blocked = false;
    run(stream, 1);
    expect(sink.received).toEqual(["0-1", "1-2", "2-8"]);
  });

  it("shares its frame with others that are as far behind", () => {
    const stream = testStream({ echoes: false });
    const sinks = Array.from({ length: 50 }, testSink);
    for (const sink of sinks) hub.join(stream.broadcast(), sink);
    run(stream, 1);
    for (const sink of sinks.slice(0, 20)) sink.blocked = true;
    run(stream, 2);
    for (const sink of sinks) sink.blocked = false;
    stream.made = 0;
    run(stream, 1);
    expect(stream.made).toBe(2);
    expect(sinks[0]?.frames.at(-1)).toBe(sinks[19]?.frames.at(-1));
    expect(sinks[0]?.received.at(-1)).toBe("1-4");
    expect(sinks[20]?.received.at(-1)).toBe("3-4");
  });
});

describe("echoes", () => {
  it("are asked for every ten seconds", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    for (let n = 0; n < 31; n++) {
      run(stream, 1);
      member.echoed(stream.seq);
    }
    const asked = sink.received.flatMap((text, second) => (text.endsWith("echo") ? [second] : []));
    expect(asked).toEqual([9, 19, 29]);
  });

  it("are asked for sooner where much is sent", () => {
    const stream = testStream({ bytes: 6000 });
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    for (let n = 0; n < 8; n++) {
      run(stream, 1);
      member.echoed(stream.seq);
    }
    const asked = sink.received.flatMap((text, n) => (text.includes("echo") ? [n] : []));
    expect(asked).toEqual([3, 7]);
  });

  it("are asked for five times a second at most, however much is sent", () => {
    const stream = testStream({ bytes: 20_000, intervalMs: 50 });
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    for (let ms = 50; ms <= 2000; ms += 50) {
      stream.seq++;
      clock.advanceTo(ms);
      member.echoed(stream.seq);
    }
    expect(sink.received).toHaveLength(40);
    expect(sink.received.filter((text) => text.includes("echo"))).toHaveLength(10);
  });

  it("that stay away for ten seconds stop the frames, until they come; nothing is lost", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    run(stream, 25);
    expect(sink.received.at(-1)).toBe("18-19");
    member.echoed(10);
    run(stream, 1);
    expect(sink.received.at(-1)).toBe("19-26 echo");
  });

  it("are owed by each message that asked, be it of the same number as the one before", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    run(stream, 12);
    const same = () => ({ frame: Buffer.from("again"), seq: stream.seq });
    member.move(stream.broadcast(), same);
    member.move(stream.broadcast(), same);
    const owed = [1, 2, 3].map(() => member.echoed(stream.seq));
    expect(owed).toEqual([true, true, false]);
  });

  it("of an older frame than the one that asked do not count", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    run(stream, 15);
    member.echoed(9);
    run(stream, 10);
    expect(sink.received.at(-1)).toBe("18-19");
  });

  it("that stay away for thirty seconds end the connection, though the kernel takes everything", () => {
    const stream = testStream();
    const sink = testSink();
    hub.join(stream.broadcast(), sink);
    run(stream, 39);
    expect(sink.evicted).toBe(false);
    run(stream, 3);
    expect(sink.evicted).toBe(true);
    expect(hub.stats().evicted).toBe(1);
  });

  it("allow no more than 32 KiB under way, and count what was read since", () => {
    const stream = testStream({ bytes: 10_000 });
    const sink = testSink();
    const member = hub.join(stream.broadcast(), sink);
    run(stream, 9);
    // The third frame asked; the fourth filled it up.
    expect(sink.received).toHaveLength(4);
    member.echoed(3);
    run(stream, 5);
    const told = sink.received.map((text) => text.split("x")[0]);
    const [, , asked, , rest, ...later] = told;
    expect(asked).toBe("2-3 echo");
    expect(rest).toBe("4-10");
    expect(later).toEqual(["10-11 echo", "11-12"]);
  });

  it("are not expected of clients whose contract knows none", () => {
    const stream = testStream({ echoes: false, bytes: 10_000 });
    const sink = testSink();
    hub.join(stream.broadcast(), sink);
    run(stream, 60);
    expect(sink.received).toHaveLength(60);
    expect(sink.received.some((text) => text.includes("echo"))).toBe(false);
  });
});

describe("a move to another group", () => {
  const answer = (text: string, seq: number) => () => ({ frame: Buffer.from(`..${text}`), seq });

  it("is answered at once, and goes on from there", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast("a"), sink);
    run(stream, 3);
    member.move(stream.broadcast("b"), answer("answer", 3));
    run(stream, 1);
    expect(sink.received).toEqual(["0-1", "1-2", "2-3", "answer", "3-4"]);
    expect(hub.stats().groups).toBe(1);
  });

  it("waits for a client that has not read, and is answered once, before anything else", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast("a"), sink);
    run(stream, 2);
    sink.blocked = true;
    let made = 0;
    for (const key of ["b", "c"]) {
      member.move(stream.broadcast(key), () => {
        made++;
        return answer(key, stream.seq)();
      });
    }
    run(stream, 2);
    expect(sink.received).toHaveLength(2);
    sink.blocked = false;
    run(stream, 2);
    expect(made).toBe(1);
    expect(sink.received.slice(2)).toEqual(["c", "5-6"]);
  });

  it("is answered as soon as a client that owed an echo has sent it", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast("a"), sink);
    run(stream, 22);
    member.move(stream.broadcast("b"), answer("answer", 22));
    expect(sink.received.at(-1)).not.toBe("answer");
    member.echoed(22);
    expect(sink.received.at(-1)).toBe("answer");
  });

  it("asks for an echo itself", () => {
    const stream = testStream();
    const sink = testSink();
    const member = hub.join(stream.broadcast("a"), sink);
    member.move(stream.broadcast("b"), () => ({ frame: Buffer.alloc(40_000), seq: 1 }));
    run(stream, 3);
    expect(sink.frames).toHaveLength(1);
    member.echoed(1);
    run(stream, 1);
    expect(sink.received.at(-1)).toBe("1-4");
  });

  it("after a goodbye does nothing", () => {
    const stream = testStream();
    const member = hub.join(stream.broadcast("a"), testSink());
    member.leave();
    member.move(stream.broadcast("b"), answer("answer", 1));
    expect(hub.stats()).toMatchObject({ clients: 0, groups: 0, loops: 0 });
  });
});
