/** Something that runs until it is closed. */
export type Running = {
  close(): Promise<void>;
  /** Before the close, where there is time for it: lets go of clients one after the other. */
  drain?: { run(): Promise<void>; ms: number };
  /** What is lost if the process ends now, in a sentence; undefined once there is nothing. */
  unsaved?(): string | undefined;
  /** Tells a person where it is. Said when a signal would end it in good order. */
  greeting?: string;
  /** Reads again what may have changed, on SIGHUP. */
  reload?(): void;
  /** Resolves when there is nothing more to do, where that can happen by itself. */
  ended?: Promise<unknown>;
};

/** A start or a close that takes longer than this after a signal is cut short, ms. */
const CLOSE_TIMEOUT_MS = 10_000;
/** After its drain a process has so long to close. Platforms kill 30 s after SIGTERM (Render), ms. */
const AFTER_DRAIN_MS = 8000;
/** What has failed has so long to end by itself, ms. */
const AFTER_FAILURE_MS = 1000;

/**
 * Runs until Ctrl-C, SIGTERM or its own end, then closes in good order; after SIGTERM it drains before, and
 * exits with 0 even if it is cut short then, unless something is lost by that. It closes after a drain that
 * fails, too. A signal during the start is obeyed once it has started. A second signal, or another close
 * that does not end, ends it at once with 1.
 */
export async function untilSignal(
  start: () => Promise<Running>,
  endNow: (exitCode: number, why: string) => void = endProcess,
): Promise<void> {
  const first = Promise.withResolvers<NodeJS.Signals>();
  let running: Running | undefined;
  let isEnding = false;
  let limit: NodeJS.Timeout | undefined;
  const cutShort = (exitCode: number, why: string) => {
    const lost = running?.unsaved?.();
    endNow(lost ? 1 : exitCode, lost ? `${why} ${lost}` : why);
  };
  /** Holds until the process has ended: what is closed may still wait for a disk. */
  const end = (limitMs: number, exitCode: number) => {
    isEnding = true;
    clearTimeout(limit);
    const why = `Cut short, since it has not ended within ${limitMs / 1000} s.`;
    limit = setTimeout(() => cutShort(exitCode, why), limitMs).unref();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (isEnding) cutShort(1, `Ended at once by a second signal, ${signal}.`);
    end(CLOSE_TIMEOUT_MS, 1);
    first.resolve(signal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  let reload: Running["reload"];
  try {
    running = await start();
    reload = running.reload;
    if (reload) process.on("SIGHUP", reload);
    if (running.greeting) console.log(running.greeting);
    const signal = await Promise.race([first.promise, running.ended ?? first.promise]);
    const drain = signal === "SIGTERM" ? running.drain : undefined;
    if (drain) end(drain.ms + AFTER_DRAIN_MS, 0);
    else end(CLOSE_TIMEOUT_MS, 1);
    try {
      await drain?.run();
    } finally {
      await running.close();
    }
  } catch (error) {
    end(AFTER_FAILURE_MS, 1);
    throw error;
  } finally {
    if (reload) process.off("SIGHUP", reload);
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** What Node calls that which keeps a thread of its pool busy: work on a file, or the look-up of a name. */
const HOLDS_A_THREAD = /^(FSReq|FileHandleCloseReq|GetAddrInfo|GetNameInfo)/;

/** Work that takes no longer than this is no disk that hangs, ms. */
const HELD_MS = 500;

/**
 * Ends the process. `process.exit` waits for busy threads, and a disk that hangs keeps them busy for ever:
 * there only SIGKILL helps.
 */
function endProcess(exitCode: number, why: string) {
  console.error(why);
  const isHeld = () => process.getActiveResourcesInfo().some((name) => HOLDS_A_THREAD.test(name));
  if (!isHeld()) process.exit(exitCode);
  setTimeout(() => {
    if (isHeld()) process.kill(process.pid, "SIGKILL");
    process.exit(exitCode);
  }, HELD_MS);
}
