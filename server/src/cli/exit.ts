/** Something that runs until it is closed. */
export type Running = { close(): Promise<void> };

/** A close that takes longer than this is cut short, ms. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Runs until Ctrl-C or SIGTERM, then closes in good order and exits with 0. A second signal, or a
 * close that does not end, exits at once with 1.
 */
export function untilSignal(running: Running): Promise<void> {
  return new Promise((resolve) => {
    let closing = false;
    const onSignal = () => {
      if (closing) process.exit(1);
      closing = true;
      setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
      running.close().then(
        () => {
          process.off("SIGINT", onSignal);
          process.off("SIGTERM", onSignal);
          resolve();
        },
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}
