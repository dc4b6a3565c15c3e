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

/** A close that takes longer than this is cut short, ms. */
const CLOSE_TIMEOUT_MS = 10_000;
/** After its drain a process has so long to close. Platforms kill 30 s after SIGTERM (Render), ms. */
const AFTER_DRAIN_MS = 8000;

/**
 * Runs until Ctrl-C, SIGTERM or its own end, then closes in good order; after SIGTERM it drains before, and
 * exits with 0 even if it is cut short then. A second signal, or another close that does not end, exits at
 * once with 1.
 */
export function untilSignal(running: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    let closing = false;
    const close = (drain?: Running["drain"]) => {
      if (closing) return;
      closing = true;
      const limitMs = drain ? drain.ms + AFTER_DRAIN_MS : CLOSE_TIMEOUT_MS;
      setTimeout(() => process.exit(drain ? 0 : 1), limitMs).unref();
      Promise.resolve(drain?.run())
        .then(() => running.close())
        .finally(() => {
          if (reload) process.off("SIGHUP", reload);
          process.off("SIGINT", onSignal);
          process.off("SIGTERM", onSignal);
        })
        .then(resolve, reject);
    };
    const onSignal = (signal: NodeJS.Signals) => {
      if (closing) process.exit(1);
      close(signal === "SIGTERM" ? running.drain : undefined);
    };
    const { reload } = running;
    if (reload) process.on("SIGHUP", reload);
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    if (running.greeting) console.log(running.greeting);
    void running.ended?.then(() => close());
  });
}
