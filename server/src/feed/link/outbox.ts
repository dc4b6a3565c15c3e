import type { Clock } from "../../clock.ts";
import type { Allowance } from "../../sources/source.ts";
import { createBudget } from "./budget.ts";

export type Outbox = {
  /** Sends now what may be sent, and the rest in order as the allowance permits. */
  put(frames: readonly string[]): void;
  /** Forgets what has not been sent. */
  clear(): void;
  isEmpty(): boolean;
};

/** Sends the frames of one connection no faster than the exchange allows. */
export function createOutbox(
  clock: Clock,
  allowance: Allowance | undefined,
  send: (frame: string) => void,
): Outbox {
  const budget = createBudget(allowance && withRoom(allowance));
  let waiting: string[] = [];
  let cancel = () => {};

  const flush = () => {
    cancel();
    for (const [sent, frame] of waiting.entries()) {
      const waitMs = budget.take(clock.now());
      if (waitMs > 0) {
        waiting = waiting.slice(sent);
        cancel = clock.after(waitMs, flush);
        return;
      }
      send(frame);
    }
    waiting = [];
  };

  return {
    put(frames) {
      waiting.push(...frames);
      flush();
    },
    clear() {
      cancel();
      waiting = [];
    },
    isEmpty: () => waiting.length === 0,
  };
}

/**
 * Pongs count too, but are sent beside this; and frames sent in two windows may reach the exchange
 * in one. So a window holds half of what is left after one pong.
 */
const withRoom = ({ count, perMs }: Allowance): Allowance => ({
  count: Math.max(1, Math.floor((count - 1) / 2)),
  perMs,
});
