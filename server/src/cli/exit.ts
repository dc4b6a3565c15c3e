/** Something that runs until it is closed. */
export type Running = {
  close(): Promise<void>;
  /** Before the close, where there is time for it: lets go of clients one after the other. */
  drain?: { run(): Promise<void>; ms: number };
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

/**
 * Runs until Ctrl-C, SIGTERM or its own end, then closes in good order; after SIGTERM it drains before, and
 * exits with 0 even if it is cut short then. It closes after a drain that fails, too. A signal during the
 * start is obeyed once it has started. A second signal, or another close that does not end, exits at once
 * with 1.
 */
export async function untilSignal(start: () => Promise<Running>): Promise<void> {
  const first = Promise.withResolvers<NodeJS.Signals>();
  let isEnding = false;
  let limit: NodeJS.Timeout | undefined;
  const end = (limitMs: number, exitCode: number) => {
    isEnding = true;
    clearTimeout(limit);
    limit = setTimeout(() => process.exit(exitCode), limitMs).unref();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (isEnding) process.exit(1);
    end(CLOSE_TIMEOUT_MS, 1);
    first.resolve(signal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  let reload: Running["reload"];
  try {
    const running = await start();
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
  } finally {
    clearTimeout(limit);
    if (reload) process.off("SIGHUP", reload);
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
