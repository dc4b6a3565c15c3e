import { rm } from "node:fs/promises";
import type { Logger } from "pino";
import { type Clock, steadyClock, systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { FeedSource, Tap } from "../feed/lane.ts";
import { createRecordingFile, type Ending, startRecorder } from "../feed/recording/recorder.ts";
import { tap } from "../feed/recording/tap.ts";

/** A recording under way, and what a feed has to run on to be recorded. */
export type Recording = {
  tap: Tap;
  clock: Clock;
  /** Resolves when the recording has ended, however. */
  ended: Promise<Ending>;
  stop(): Promise<Ending>;
  /** Stops, and removes the file. */
  discard(): Promise<void>;
};

/**
 * Begins to record to `file`. The end is logged, whatever brings it.
 * @throws OperatorError where the file exists already, or can't be written
 */
export async function startRecording(
  file: string,
  { for: ms, maxSize: bytes }: Pick<Config, "for" | "maxSize">,
  sources: readonly FeedSource[],
  log: Logger,
): Promise<Recording> {
  const clock = steadyClock(systemClock);
  const recorder = startRecorder({
    sink: await createRecordingFile(file),
    keys: sources.flatMap(({ key }) => key ?? []),
    limits: { ms, bytes },
    clock,
    log,
  });
  log.info({ file }, `Recording to ${file}`);
  void recorder.ended.then((ending) => tell(ending, file, log));
  return {
    tap: (network, source) => tap(network, source, clock, recorder.write),
    clock,
    ended: recorder.ended,
    stop: recorder.stop,
    async discard() {
      await recorder.stop();
      await rm(file);
    },
  };
}

function tell({ failure, ...totals }: Ending, file: string, log: Logger): void {
  const { frames, bytes, lost } = totals;
  const gaps = lost > 0 ? `, ${lost} lines left out since the disk was too slow` : "";
  const story = `${frames} frames in ${(bytes / 1e6).toFixed(1)} MB of ${file}${gaps}`;
  if (failure) log.error({ file, ...totals }, `Recording failed: ${failure.message} (${story})`);
  else log.info({ file, ...totals }, `Recording ended: ${story}`);
}
