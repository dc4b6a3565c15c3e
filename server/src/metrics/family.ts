import type { Health } from "../wire/health.ts";

/** What metrics are read from, once for each scrape. */
export type Snapshot = {
  version: string;
  /** Version of Node.js. */
  node: string;
  health: Health;
  ready: boolean;
  /** Until the gateway's own certificate is over, ms; null where it has none. */
  certificateLeftMs: number | null;
  /** Clients that may be connected at the same time. */
  clientsLimit: number;
  /** ms since each listed asset's price was received, in any order. */
  priceAgesMs: readonly number[];
};

/** One value, with the labels that tell it from others of its family. */
export type Sample = { value: number; labels?: Record<string, string> };

/**
 * One metric, whose value is known elsewhere and read when it is asked for: counting costs nothing.
 * @see https://prometheus.io/docs/practices/naming/
 */
export type Family = {
  name: string;
  type: "counter" | "gauge";
  help: string;
  labels?: readonly string[];
  samples(snapshot: Snapshot): readonly Sample[];
};

/** A family of one sample without labels; of none while the value is not known. */
export const single = (value: number | null | undefined): Sample[] =>
  value === null || value === undefined ? [] : [{ value }];

export const seconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : ms / 1000;

/**
 * One sample for each state there is: 1 for the one that holds, 0 for the others, so that a change
 * of state never leaves an old one behind.
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/#stateset
 */
export const stateSet = (
  label: string,
  states: Readonly<Record<string, string>>,
  current: string,
  labels: Record<string, string> = {},
): Sample[] =>
  Object.keys(states).map((state) => ({
    value: state === current ? 1 : 0,
    labels: { ...labels, [label]: state },
  }));

/** `a: what a means; b: what b means`, for a HELP line. */
export const meanings = (states: Readonly<Record<string, string>>): string =>
  Object.entries(states)
    .map(([state, meaning]) => `${state}: ${meaning}`)
    .join("; ");
