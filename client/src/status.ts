import type { DataKind } from "./events.ts";

/**
 * `connecting`: the first attempt. `live`: fresh prices come. `stale`: the link is fine, but no
 * fresh price is to be had. `reconnecting`: waiting for an attempt, or in one. `failed`: given up,
 * or refused for good. `closed`: by the application.
 */
export type LinkState = "connecting" | "live" | "stale" | "reconnecting" | "failed" | "closed";

/** How the stream is doing. Replaced as a whole when anything in it changes. */
export type StreamStatus = {
  readonly state: LinkState;
  /** Why, in a sentence for people. */
  readonly reason: string;
  /** Number of the attempt under way or waited for; 0 on the first connection. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** While waiting for an attempt: how long, from when this state began, ms. */
  readonly nextAttemptInMs?: number | undefined;
  /** The source that speaks for most assets, as last heard; null before. */
  readonly source: string | null;
  /** `demo` and `replay`: the prices are not the live market, and must be labelled so. */
  readonly label: DataKind;
};

/** Before the first connection, and on a server that renders the page. */
export const IDLE: StreamStatus = {
  state: "connecting",
  reason: "Not connected yet.",
  attempt: 0,
  maxAttempts: 0,
  source: null,
  label: "none",
};
