import { plainFrames } from "../../src/hub/frame.ts";
import type { Broadcast } from "../../src/hub/group.ts";
import type { Sink } from "../../src/hub/member.ts";

export type TestSink = Sink & {
  /** What was written to it, as text. */
  received: string[];
  frames: Buffer[];
  blocked: boolean;
  evicted: boolean;
  /** When it was told to come back, ms. */
  sentAway: number | undefined;
};

/** A client whose network can be blocked. */
export function testSink(): TestSink {
  const self: TestSink = {
    received: [],
    frames: [],
    blocked: false,
    evicted: false,
    sentAway: undefined,
    write(frame) {
      self.frames.push(frame);
      self.received.push(textOf(frame));
    },
    drained: () => !self.blocked,
    evict() {
      self.evicted = true;
    },
    bye(afterMs) {
      self.sentAway = afterMs;
    },
  };
  return self;
}

/** What stands in a frame that is not deflated. */
export function textOf(frame: Buffer): string {
  const code = frame[1] ?? 0;
  return frame.subarray(code < 126 ? 2 : code === 126 ? 4 : 10).toString();
}

/** A book of which only the newest number counts, and a group that tells who is told what. */
export function testStream({ echoes = true, intervalMs = 1000, bytes = 0 } = {}) {
  const padding = "x".repeat(bytes);
  const stream = {
    seq: 0,
    /** How often something was made. */
    made: 0,
    broadcast: (key = "all"): Broadcast => ({
      key,
      contract: "v1",
      intervalMs,
      encoding: plainFrames,
      echoes,
      open: () => () => (position, ask) => {
        const { seq } = stream;
        if (position >= seq) return { messages: [], seq };
        stream.made++;
        return { messages: [`${position}-${seq}${ask ? " echo" : ""}${padding}`], seq };
      },
    }),
  };
  return stream;
}
