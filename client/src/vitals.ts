import type { StreamEvent } from "./plain.ts";

/** An attempt without a first message for so long has failed, ms. */
const HELLO_MS = 5000;
/** Without a price for so long, while the server claims to have some, a connection has failed, ms. */
const PRICE_MS = 10_000;
/** A connection on which nothing at all comes for so long is dead; `status` is due each 10 s. */
const SILENCE_MS = 15_000;
/** Silence for so long is worth a question, which a living server answers at once, ms. */
const ASK_AFTER_MS = 8000;

/**
 * Whether one connection lives, by the times of what came on it: timers stand still in hidden tabs
 * and in sleep. Pure; times in ms of any clock that never goes back.
 */
export function createVitals(startedAt: number) {
  let heardAt: number | undefined;
  let askedAt = startedAt;
  /** Undefined while the server need not send one. */
  let priceDueAt: number | undefined = startedAt + PRICE_MS;
  let priced = false;
  /** False on a stream that sends a price only when it changes. */
  let steady = true;

  return {
    /** Takes note of a message. */
    heard(event: StreamEvent, now: number) {
      heardAt = now;
      if (event.kind === "prices") {
        priced = true;
        steady &&= event.complete;
        priceDueAt = steady ? now + PRICE_MS : undefined;
      } else if (event.kind === "unchanged") {
        steady = false;
        priceDueAt = undefined;
      } else if (event.kind === "server") {
        const due = event.state === "connected" && steady;
        priceDueAt = due ? (priceDueAt ?? now + PRICE_MS) : undefined;
      }
    },

    /** Whether any message came. */
    answered: () => heardAt !== undefined,

    /** Whether any price came. */
    priced: () => priced,

    /** Why the connection has to be given up; undefined while it is well. */
    failure(now: number): string | undefined {
      if (heardAt === undefined) {
        return now - startedAt > HELLO_MS ? "The server did not answer within 5 s." : undefined;
      }
      if (now - heardAt > SILENCE_MS) return "Nothing was heard from the server for 15 s.";
      if (priceDueAt !== undefined && now > priceDueAt) {
        return "The server sent no price for 10 s and did not say why.";
      }
      return undefined;
    },

    /** Whether the server should be asked how it is. True once per silence. */
    shouldAsk(now: number): boolean {
      if (heardAt === undefined || now - Math.max(heardAt, askedAt) <= ASK_AFTER_MS) return false;
      askedAt = now;
      return true;
    },
  };
}
