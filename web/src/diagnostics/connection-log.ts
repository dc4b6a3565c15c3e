import type { PriceStream } from "@cryptovault/price-stream";

/** Lines kept: the story of hours on a connection that is well, of minutes on one that is not. */
export const KEPT_LINES = 200;

export type LogLine = {
  /** Counts up from 0, so that each line has a name. */
  readonly number: number;
  /** ms since 1970, by this device's clock. */
  readonly at: number;
  readonly text: string;
};

export type ConnectionLog = {
  /** The last ones, oldest first. The same array until there is another. */
  lines(): readonly LogLine[];
  /** Calls `fn` when there is another line. Returns the undo. */
  subscribe(fn: () => void): () => void;
};

/**
 * Collects the story of a stream's connection from now on.
 * @param now ms since 1970
 */
export function createConnectionLog(
  stream: Pick<PriceStream, "status" | "onLog">,
  now: () => number,
): ConnectionLog {
  const listeners = new Set<() => void>();
  let count = 0;
  let lines: readonly LogLine[] = [];
  const note = (text: string) => {
    lines = [...lines, { number: count++, at: now(), text }].slice(-KEPT_LINES);
    for (const listener of listeners) listener();
  };
  // A stream begins before anybody can listen to it: its state tells what it has done until now.
  note(stream.status.reason);
  stream.onLog(note);
  return {
    lines: () => lines,
    subscribe(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
  };
}
