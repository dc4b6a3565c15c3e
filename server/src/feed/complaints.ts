import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Rejection } from "../types.ts";

/** One line per source and reason in so long, ms. */
const INTERVAL_MS = 10_000;

/** Logs what is wrong with a source, at a bounded rate: a bad exchange can't flood the log. */
export function createComplaints(source: string, clock: Clock, log: Logger) {
  const seen = new Map<string, { loggedAt: number; unlogged: number }>();

  const complain = (reason: string, detail: string, text: string) => {
    const state = seen.get(reason) ?? { loggedAt: Number.NEGATIVE_INFINITY, unlogged: 0 };
    seen.set(reason, state);
    state.unlogged++;
    if (clock.now() - state.loggedAt < INTERVAL_MS) return;
    log.warn({ source, reason, detail, count: state.unlogged }, text);
    state.loggedAt = clock.now();
    state.unlogged = 0;
  };

  return {
    /** What it sent was not taken. */
    rejected: ({ reason, detail }: Rejection) =>
      complain(reason, detail, `Rejected data from ${source}`),
    /** It says itself that something is wrong. */
    told: (message: string) => complain("error", message, `Error from ${source}: ${message}`),
  };
}
