import type { StreamEvent } from "./events.ts";

/** An attempt without a first message for so long has failed, ms. */
const HELLO_MS = 5000;
/** Without a price for so long, when one is due, a connection has failed, ms. */
const PRICE_MS = 10_000;
/** Silence for so long is worth a question, which a living server answers at once, ms. */
const ASK_AFTER_MS = 8000;
const ANSWER_MS = 5000;
/** Whoever comes to run only after so long has stood still, which no timer of a second explains, ms. */
const STANDSTILL_MS = 4000;

/**
 * Whether one connection lives, by the times of what came on it: timers stand still in hidden tabs
 * and in sleep. Pure; times in ms of any clock that never goes back.
 */
export function createVitals(startedAt: number) {
  let heardAt = startedAt;
  let askedAt: number | undefined;
  let silenceMs = HELLO_MS;
  let priceDueAt: number | undefined = startedAt + PRICE_MS;
  let ranAt = startedAt;
  let isWaking = false;

  /** Since when a question is open. */
  const openSince = () =>
    askedAt !== undefined && (isWaking || askedAt > heardAt) ? askedAt : undefined;

  return {
    /** Takes note of a message. @returns how long the answer took, if it is one, ms */
    heard({ due, isAnswer, silenceMs: longest = silenceMs }: StreamEvent, now: number) {
      heardAt = now;
      silenceMs = longest;
      if (isAnswer) isWaking = false;
      if (due === "never") priceDueAt = undefined;
      else if (due === "anew" || (due && !priceDueAt)) priceDueAt = now + PRICE_MS;
      return isAnswer && askedAt !== undefined ? now - askedAt : undefined;
    },

    /**
     * To be called whenever something runs. What is heard from now on may have lain in the socket: only an
     * answer tells that the connection lives.
     * @returns whether this device has stood still since the last time
     */
    stoodStill(now: number): boolean {
      const isLate = now - ranAt > STANDSTILL_MS;
      ranAt = now;
      if (isLate) {
        isWaking = true;
        askedAt = undefined;
      }
      return isLate;
    },

    /** Whether an answer is waited for since this device stood still. */
    isWaking: (): boolean => isWaking,

    /** The server was asked for a sign of life. Anything that it says is one. */
    asked(now: number) {
      askedAt = openSince() ?? now;
    },

    /** Whether nothing was heard at all. */
    isMute: (): boolean => heardAt === startedAt,

    /** Why the connection has to be given up; undefined while it is well. */
    failure(now: number): string | undefined {
      const silentMs = now - heardAt;
      if (silentMs > silenceMs || now - (openSince() ?? now) > ANSWER_MS) {
        return `Nothing was heard from the server for ${Math.round(silentMs / 1000)} s.`;
      }
      if (priceDueAt !== undefined && now > priceDueAt) return "The server sent no price for 10 s.";
      return;
    },

    /** Whether the server should be asked how it is. */
    shouldAsk: (now: number): boolean => !openSince() && now - heardAt > ASK_AFTER_MS,
  };
}
