import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { ManualClock } from "../../clock.ts";
import { reasonOf } from "../../errors.ts";
import type { Source } from "../../sources/source.ts";
import { type Contents, readRecording } from "./recording.ts";

/** The market clock is moved on at least this often, ms of real time. */
const STEP_MS = 50;
/** At the greatest speed it is moved on by no more than this at a time, ms of market time. */
const LEAP_MS = 10_000;
/** At the greatest speed everybody else has a turn after so long, ms of real time. */
const TURN_MS = 20;
/** Time between two rounds of a looped recording, ms of market time. */
const LOOP_GAP_MS = 1000;

export type ReplayOptions = {
  file: string;
  /** 2 plays twice as fast as recorded, Infinity as fast as the file can be read. */
  speed: number;
  /** Begins again at the end. */
  loop: boolean;
};

/**
 * Plays a recording on its own clock: frame by frame as it was received, `speed` times as fast.
 * After the end the clock runs on at its natural pace, so that prices grow old and become stale.
 */
export function startReplay(
  options: ReplayOptions & {
    contents: Pick<Contents, "sources">;
    /** The market clock. It must stand at the recording's first frame. */
    clock: ManualClock;
    /** Real time, ms. */
    wallNow(): number;
    frame(source: Source, raw: string): void;
    list(source: Source, body: string): void;
    /** A new round begins: its frames are not older than those of the last one. */
    forget(): void;
    log: Logger;
  },
) {
  const { file, contents, loop, clock, wallNow, log } = options;
  let stopped = false;
  let speed = options.speed;
  /** Where market time and real time meet. */
  let anchor = { market: clock.now(), wall: wallNow() };
  let turnAt = wallNow();
  let wake = () => {};

  const marketNow = () => anchor.market + (wallNow() - anchor.wall) * speed;

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const reachInTime = async (time: number) => {
    for (let now = marketNow(); now < time && !stopped; now = marketNow()) {
      clock.advanceTo(now);
      await sleep(Math.min(STEP_MS, (time - now) / speed));
    }
    if (!stopped) clock.advanceTo(time);
  };

  const reachAtOnce = async (time: number) => {
    do {
      if (wallNow() - turnAt >= TURN_MS) {
        await nextTurn();
        turnAt = wallNow();
      }
      if (!stopped) clock.advanceTo(Math.min(time, clock.now() + LEAP_MS));
    } while (clock.now() < time && !stopped);
  };

  const reach = (time: number) =>
    speed === Number.POSITIVE_INFINITY ? reachAtOnce(time) : reachInTime(time);

  const playOnce = async () => {
    const startsAt = clock.now();
    let firstAt: number | undefined;
    let frames = 0;
    for await (const line of readRecording(file, contents.sources)) {
      if (line.receivedAt !== undefined) {
        firstAt ??= line.receivedAt;
        await reach(startsAt + line.receivedAt - firstAt);
      }
      if (stopped) return;
      if (line.kind === "frame") frames++;
      if (line.kind !== "gap" && line.source) options[line.kind](line.source, line.raw);
    }
    if (loop && rounds++ > 0) return;
    const next = loop ? ", and begins again each time" : "";
    log.info({ file, frames }, `Replay ended after ${frames} frames${next}`);
  };

  let rounds = 0;
  const play = async () => {
    await playOnce();
    while (loop && !stopped) {
      await reach(clock.now() + LOOP_GAP_MS);
      options.forget();
      await playOnce();
    }
    anchor = { market: clock.now(), wall: wallNow() };
    speed = 1;
    while (!stopped) await reach(clock.now() + 1000);
  };

  const finished = play().catch((error: unknown) => {
    log.error({ error: reasonOf(error) }, "Replay failed");
  });
  return {
    /** Ends the replay, and waits until nothing of it is under way. */
    async stop() {
      stopped = true;
      wake();
      await finished;
    },
  };
}
