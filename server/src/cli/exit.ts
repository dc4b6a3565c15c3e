/** Something that runs until it is closed. */
export type Running = {
  close(): Promise<void>;
  /** Tells a person where it is. Said when a signal would end it in good order. */
  greeting?: string;
  /** Reads again what may have changed, on SIGHUP. */
  reload?(): void;
  /** Resolves when there is nothing more to do, where that can happen by itself. */
  ended?: Promise<unknown>;
};

/** A close that takes longer than this is cut short, ms. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Runs until Ctrl-C, SIGTERM or its own end, then closes in good order. A second signal, or a close
 * that does not end, exits at once with 1.
 */
export function untilSignal(running: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    let closing = false;
    const close = () => {
      if (closing) return;
      closing = true;
      setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
      running
        .close()
        .finally(() => {
          process.off("SIGHUP", reload);
          process.off("SIGINT", onSignal);
          process.off("SIGTERM", onSignal);
        })
        .then(resolve, reject);
    };
    const onSignal = () => {
      if (closing) process.exit(1);
      close();
    };
    const reload = () => {
      try {
        running.reload?.();
      } catch (error) {
        console.error(error instanceof Error ? error.message : error);
      }
    };
    if (running.reload) process.on("SIGHUP", reload);
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    if (running.greeting) console.log(running.greeting);
    void running.ended?.then(close);
  });
}
