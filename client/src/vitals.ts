import type { StreamEvent } from "./events.ts";

/** An attempt without a first message for so long has failed, ms. */
const HELLO_MS = 5000;
/** Without a price for so long, while the server claims to have some, a connection has failed, ms. */
const PRICE_MS = 10_000;
/** Silence for so long is worth a question, which a living server answers at once, ms. */
const ASK_AFTER_MS = 8000;
const ANSWER_MS = 5000;

/**
 * Whether one connection lives, by the times of what came on it: timers stand still in hidden tabs
 * and in sleep. Pure; times in ms of any clock that never goes back.
 */
export function createVitals(startedAt: number) {
  let heardAt: number | undefined;
  /** Undefined while no question is open. */
  let askedAt: number | undefined;
  let silenceMs = HELLO_MS;
  /** Undefined while the server need not send one. */
  let priceDueAt: number | undefined = startedAt + PRICE_MS;
  let priced = false;
  /** False on a stream that sends a price only when it changes. */
  let steady = true;

  return {
    /** Takes note of a message. @returns how long the answer took, if it is one, ms */
    heard(event: StreamEvent, now: number): number | undefined {
      const tookMs = event.kind === "answer" && askedAt !== undefined ? now - askedAt : undefined;
      heardAt = now;
      askedAt = undefined;
      if (event.kind === "hello") {
        silenceMs = event.silenceMs;
      } else if (event.kind === "prices") {
        priced = true;
        steady = event.steady;
        priceDueAt = steady ? now + PRICE_MS : undefined;
      } else if (event.kind === "idle" || (event.kind === "unchanged" && priced)) {
        steady = false;
        priceDueAt = undefined;
      } else if (event.kind === "server") {
        const due = event.state === "connected" && steady;
        priceDueAt = due ? (priceDueAt ?? now + PRICE_MS) : undefined;
      }
      return tookMs;
    },

    /** The server was asked for a sign of life. */
    asked(now: number) {
      askedAt ??= now;
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
      const silentMs = now - heardAt;
      const isDeaf = askedAt !== undefined && now - askedAt > ANSWER_MS;
      if (silentMs > silenceMs || isDeaf) {
        return `Nothing was heard from the server for ${Math.round(silentMs / 1000)} s.`;
      }
      if (priceDueAt !== undefined && now > priceDueAt) {
        return "The server sent no price for 10 s and did not say why.";
      }
      return undefined;
    },

    /** Whether the server should be asked how it is. */
    shouldAsk: (now: number): boolean =>
      heardAt !== undefined && askedAt === undefined && now - heardAt > ASK_AFTER_MS,
  };
}
