import type { Allowance } from "../../sources/source.ts";

/** What may be done how often. Pure: the caller brings the time, in ms. */
export type Budget = {
  /** Takes one and returns 0; where there is none, takes nothing and returns the wait for it, ms. */
  take(now: number): number;
  /** There is none before `until`: somebody asked us to wait. */
  pause(until: number): void;
};

/** Counts over a sliding window. Without an allowance only `pause` holds anybody up. */
export function createBudget(allowance: Allowance | undefined): Budget {
  const { count, perMs } = allowance ?? { count: Number.POSITIVE_INFINITY, perMs: 0 };
  let taken: number[] = [];
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return {
    take(now) {
      taken = taken.filter((time) => time > now - perMs);
      const oldest = taken.length < count ? now - perMs : (taken[0] ?? now);
      const waitMs = Math.max(oldest + perMs, pausedUntil) - now;
      if (waitMs <= 0) taken.push(now);
      return Math.max(0, waitMs);
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until);
    },
  };
}

/** Connection attempts by address: an exchange counts them for all who come from here. */
export type ConnectBudgets = { of(address: string, allowance: Allowance | undefined): Budget };

/** To be made once per process, so that whoever connects anew finds what was used before. */
export function createConnectBudgets(): ConnectBudgets {
  const budgets = new Map<string, Budget>();
  return {
    of(address, allowance) {
      const budget = budgets.get(address) ?? createBudget(allowance);
      budgets.set(address, budget);
      return budget;
    },
  };
}
