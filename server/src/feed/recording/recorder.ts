import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, constants as zlib } from "node:zlib";
import type { Logger } from "pino";
import { type Clock, every } from "../../clock.ts";
import { OperatorError } from "../../errors.ts";
import type { GapLine, WrittenLine } from "./recording.ts";
import { createRedact } from "./redact.ts";
import type { WriteLine } from "./tap.ts";

/** What was recorded is on its way to the disk within this time, ms: a crash costs no more. */
const FLUSH_MS = 1000;
/** What a line is about longer than its frame, in characters. */
const LINE_LENGTH = 200;
/** So much may wait for a slow disk, in characters. What comes on top is left out, and counted. */
const MAX_WAITING = 16 * 1024 * 1024;

export type RecorderOptions = {
  /** Where the compressed bytes go. The recorder ends it. */
  sink: Writable;
  /** Secrets that must not land there. */
  keys: readonly string[];
  /** Recording ends when so many compressed bytes are written, or after so many ms. */
  limits: { bytes?: number | undefined; ms?: number | undefined };
  clock: Clock;
  log: Logger;
};

/** How a recording ended. `failure`: what the disk said, where it ended by that. */
export type Ending = { frames: number; bytes: number; lost: number; failure?: Error };

export type Recorder = {
  write: WriteLine;
  /** Resolves when the file is complete: after `stop`, at a limit, or by a failing disk. */
  ended: Promise<Ending>;
  stop(): Promise<Ending>;
};

/**
 * Writes lines with their time as gzip. It never holds up who writes: what the disk can't take is
 * left out with a gap line in its place, and when the disk fails, recording ends.
 */
export function startRecorder({ sink, keys, limits, clock, log }: RecorderOptions): Recorder {
  const redact = createRedact(keys);
  const gzip = createGzip({ level: zlib.Z_BEST_SPEED });
  const totals = { frames: 0, bytes: 0, lost: 0 };
  /** Encoded only when it is their turn, so that whoever writes is not held up. */
  let waiting: (WrittenLine | GapLine)[] = [];
  let waitingLength = 0;
  /** Lines left out since the last gap line. */
  let missing = 0;
  let recording = true;

  const markGap = () => {
    if (missing > 0) waiting.push({ t: clock.now() / 1000, dir: "gap", lost: missing });
    missing = 0;
  };
  const encode = (line: WrittenLine | GapLine): string => {
    const clean =
      line.dir === "gap"
        ? line
        : { ...line, url: redact.url(line.url), raw: redact.text(line.raw) };
    return `${JSON.stringify(clean)}\n`;
  };
  const takeWaiting = (): string => {
    const text = waiting.map(encode).join("");
    waiting = [];
    waitingLength = 0;
    return text;
  };

  const stop = () => {
    if (recording) {
      end();
      markGap();
      gzip.end(takeWaiting());
    }
    return ended;
  };
  const flush = () => {
    // The disk has not yet taken what it was given last.
    if (gzip.writableLength > 0) return;
    if (totals.bytes >= (limits.bytes ?? Number.POSITIVE_INFINITY)) void stop();
    else if (waitingLength > 0) {
      gzip.write(takeWaiting());
      gzip.flush(zlib.Z_SYNC_FLUSH);
    }
  };
  const stopFlushing = every(clock, FLUSH_MS, flush);
  const stopTimer = limits.ms === undefined ? () => {} : clock.after(limits.ms, stop);
  const end = () => {
    recording = false;
    stopFlushing();
    stopTimer();
  };

  gzip.on("data", (chunk: Buffer) => {
    totals.bytes += chunk.length;
  });
  const ended = pipeline(gzip, sink).then(
    (): Ending => totals,
    (failure: Error): Ending => {
      end();
      takeWaiting();
      return { ...totals, failure };
    },
  );

  return {
    write(line) {
      if (!recording) return;
      if (waitingLength >= MAX_WAITING) {
        if (totals.lost === 0) {
          log.warn("The disk is slower than the exchanges: the recording has gaps, and tells them");
        }
        totals.lost++;
        missing++;
        return;
      }
      markGap();
      waiting.push({ t: clock.now() / 1000, ...line });
      waitingLength += line.raw.length + LINE_LENGTH;
      if (line.dir === "in" || line.dir === "out") totals.frames++;
    },
    ended,
    stop,
  };
}

/**
 * Creates the file of a recording.
 * @throws OperatorError where it exists already, or can't be written
 */
export async function createRecordingFile(file: string): Promise<Writable> {
  try {
    return (await open(file, "wx")).createWriteStream();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const exists = "code" in error && error.code === "EEXIST";
    throw new OperatorError(
      exists
        ? `${file} exists already. Choose another name for the recording, or remove it first.`
        : `The recording ${file} can't be written: ${error.message}`,
      2,
    );
  }
}
