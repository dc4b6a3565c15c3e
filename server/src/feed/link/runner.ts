import { formatMs } from "../../format.ts";
import type { LinkState } from "../../types.ts";
import { type Attempt, type AttemptOptions, type AttemptTiming, startAttempt } from "./attempt.ts";
import { type BackoffBounds, backoffMs } from "./backoff.ts";
import type { Budget } from "./budget.ts";
import type { Ending } from "./refusal.ts";

export type RunnerTiming = AttemptTiming & {
  /** A connection that has brought prices for so long is stable: failures are forgotten, ms. */
  stableMs: number;
  backoff: BackoffBounds;
  /** Wait after a refusal for good: the key may be paid for by then, ms. */
  fatalRetryMs: number;
};

export type RunnerOptions = AttemptOptions & {
  timing: RunnerTiming;
  /** Connection attempts that the exchange allows. */
  budget: Budget;
  /** The state or its reason is another one. */
  changed(state: LinkState, reason: string): void;
};

export type Runner = ReturnType<typeof startRunner>;

/** A successor waits at least so long, ms: all refused symbols are told within a moment. */
const SETTLE_MS = 500;

const NO_PRICE_YET = "connected, no price yet";

/**
 * Keeps one connection to an exchange alive. One that ends is made anew after a backoff; one that
 * must be left is replaced make-before-break: it goes on until its successor has subscribed to
 * everything and brought a price, and nothing of it is heard after that.
 */
export function startRunner(options: RunnerOptions) {
  const { clock, timing, budget } = options;
  let state: LinkState = "connecting";
  let reason = "starting";
  /** What goes on beside the current connection. */
  let note = "";
  let current: Attempt | undefined;
  let successor: Attempt | undefined;
  /** Since when the current connection has brought prices. */
  let liveSince: number | undefined;
  let failures = 0;
  /** Connections tried while there was none. */
  let attempts = 0;
  let rollovers = 0;
  let isPlanned = false;
  let cancelPlan = () => {};

  const fullReason = () => (note ? `${reason}; ${note}` : reason);

  const enter = (nextState: LinkState, nextReason: string, nextNote = note) => {
    if (state === nextState && reason === nextReason && note === nextNote) return;
    state = nextState;
    reason = nextReason;
    note = nextNote;
    options.changed(state, fullReason());
  };

  const plan = (waitMs: number) => {
    cancelPlan();
    isPlanned = true;
    cancelPlan = clock.after(waitMs, connect);
  };

  /** The wait after one more failure, ms. */
  const backOff = () => {
    failures++;
    return backoffMs(timing.backoff, failures, options.random());
  };

  const setCurrent = (attempt: Attempt | undefined) => {
    current = attempt;
    successor = undefined;
    liveSince = undefined;
  };

  const onPrices = (attempt: Attempt) => {
    if (attempt === successor) {
      if (!attempt.isSubscribed()) return;
      current?.stop();
      setCurrent(attempt);
      rollovers++;
    }
    const now = clock.now();
    liveSince ??= now;
    const isLeaving = isPlanned || successor !== undefined;
    // While it is being left, the failures are those of its successors.
    if (!isLeaving && now - liveSince >= timing.stableMs) failures = 0;
    enter("live", "prices", isLeaving ? note : "");
  };

  const onLeaving = (attempt: Attempt, why: string, waitMs: number) => {
    if (attempt === successor) {
      attempt.stop();
      onEnded(attempt, { reason: why, fatal: false, waitMs });
      return;
    }
    budget.pause(clock.now() + waitMs);
    if (successor || isPlanned) return;
    enter(state, reason, `to be replaced: ${why}`);
    plan(Math.max(SETTLE_MS, backOff(), waitMs));
  };

  const onEnded = (attempt: Attempt, { reason: why, fatal, waitMs }: Ending) => {
    budget.pause(clock.now() + waitMs);
    if (attempt === current && successor) {
      const isOpen = successor.isOpen();
      setCurrent(successor);
      attempts++;
      enter(isOpen ? "open" : "connecting", isOpen ? NO_PRICE_YET : `again, after: ${why}`, "");
      return;
    }
    const pauseMs = Math.max(waitMs, fatal ? timing.fatalRetryMs : backOff());
    if (attempt === successor) {
      successor = undefined;
      enter(state, reason, `its replacement failed: ${why}; again in ${formatMs(pauseMs)}`);
    } else {
      setCurrent(undefined);
      enter(fatal ? "fatal" : "down", why, "");
    }
    plan(pauseMs);
  };

  function connect() {
    isPlanned = false;
    const waitMs = budget.take(clock.now());
    if (waitMs > 0) {
      const why = `the exchange allows no further connection for ${formatMs(waitMs)}`;
      if (current) enter(state, reason, why);
      else enter("down", why);
      plan(waitMs);
      return;
    }
    if (!current && ++attempts > 1) enter("connecting", `again, after: ${reason}`);
    const attempt = startAttempt(options, {
      opened() {
        if (attempt === current) enter("open", NO_PRICE_YET);
      },
      prices: () => onPrices(attempt),
      leaving: (why, pauseMs) => onLeaving(attempt, why, pauseMs),
      ended: (ending) => onEnded(attempt, ending),
    });
    if (current) successor = attempt;
    else current = attempt;
  }

  connect();
  return {
    /** `rollovers`: connections replaced without a break; `reconnects`: attempts after one. */
    stats: () => ({
      state,
      reason: fullReason(),
      reconnects: Math.max(0, attempts - 1),
      rollovers,
    }),

    stop() {
      cancelPlan();
      current?.stop();
      successor?.stop();
    },
  };
}
