import type { Logger } from "pino";
import { type Clock, every } from "../../clock.ts";
import { reasonOf } from "../../errors.ts";
import { backoffMs } from "./backoff.ts";
import { waitOf } from "./refusal.ts";
import { type Rest, RestError, type RestRequest } from "./rest.ts";

/** After a failure nothing is asked for at least `baseMs`; what is added grows from there. */
const RETRY = { baseMs: 60_000, capMs: 3_600_000 };
/** A round begins later by up to this part of the interval, so that many gateways spread. */
const JITTER = 0.1;

export type PollOptions = {
  /** Whose API it is, for the log and for `/health`. */
  name: string;
  /** What is asked for, one after the other. */
  pages: readonly Pick<RestRequest, "url" | "headers">[];
  /** From one round of all pages to the next, ms. */
  everyMs: number;
  rest: Rest;
  clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  log: Logger;
  /** Takes in the body of a page. Throws an Error that says what is wrong with it. */
  take(body: unknown, page: number): void;
  /** What was last taken of a page still holds. */
  keep(page: number): void;
};

/** How an API has answered, as `/health` tells it. */
export type PollHealth = {
  name: string;
  state: "waiting" | "ok" | "failing";
  /** Why there was no answer; null where there was. */
  failure: string | null;
  /** ms since the last answer, null before the first. */
  answerAgeMs: number | null;
  /** ms until it is asked again. */
  nextTryMs: number;
};

export type Poll = ReturnType<typeof createPoll>;

/**
 * Asks a REST API politely: one page after the other, with the ETag of what is known, seldom, and
 * after a failure ever more seldom and never before its `Retry-After` is over. Never rejects.
 */
export function createPoll(options: PollOptions) {
  const { name, pages, everyMs, rest, clock, random, log } = options;
  const etags: (string | undefined)[] = [];
  const stopped = new AbortController();
  let page = 0;
  let dueAt = clock.now();
  let failures = 0;
  let failure: string | null = null;
  let answeredAt: number | undefined;
  let underWay: Promise<void> | undefined;
  let stopTimer = () => {};

  const askPage = async () => {
    const etag = etags[page];
    const { url = "", headers } = pages[page] ?? {};
    const answer = await rest({
      url,
      headers: { ...headers, ...(etag === undefined ? {} : { "if-none-match": etag }) },
      signal: stopped.signal,
    });
    if (stopped.signal.aborted) return;
    if (answer.unchanged) options.keep(page);
    else {
      options.take(answer.body, page);
      etags[page] = answer.etag;
    }
  };

  const onAnswer = () => {
    failures = 0;
    failure = null;
    answeredAt = clock.now();
    page = (page + 1) % pages.length;
    if (page === 0) dueAt = clock.now() + everyMs * (1 + JITTER * random());
  };

  const onFailure = (error: unknown) => {
    if (stopped.signal.aborted) return;
    failures++;
    failure = reasonOf(error);
    const askedForMs = error instanceof RestError ? waitOf(error.status, error.retryAfterMs) : 0;
    const waitMs = Math.max(RETRY.baseMs, askedForMs) + backoffMs(RETRY, failures, random());
    dueAt = clock.now() + waitMs;
    log.warn(
      { api: name, reason: failure, waitMs },
      `No list from ${name}, going on with what is known`,
    );
  };

  /** Asks for the next page if it is due, and waits for the answer. */
  const ask = async (): Promise<void> => {
    if (clock.now() < dueAt || stopped.signal.aborted) return;
    underWay ??= askPage()
      .then(onAnswer, onFailure)
      .finally(() => {
        underWay = undefined;
      });
    await underWay;
  };

  return {
    ask,

    /** Asks now and from then on by itself, each time for one page and at most every `pauseMs`. */
    start(pauseMs: number) {
      void ask();
      stopTimer = every(clock, pauseMs, () => void ask());
    },

    health(): PollHealth {
      const now = clock.now();
      return {
        name,
        state: failure !== null ? "failing" : answeredAt === undefined ? "waiting" : "ok",
        failure,
        answerAgeMs: answeredAt === undefined ? null : now - answeredAt,
        nextTryMs: Math.round(Math.max(0, dueAt - now)),
      };
    },

    /** Ends the timer, and the request that is under way. */
    stop() {
      stopTimer();
      stopped.abort();
    },
  };
}
