import type { DataKind } from "./events.ts";
import type { TransportName } from "./transport.ts";

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

/** Figures of a stream, since it was created or of its present connection. */
export type Diagnostics = {
  /** Where it connects; empty until a provider has told it. */
  url: string;
  /** How it speaks: `v1`, `plain`, or `sse` (server-sent events). */
  transport: TransportName;
  isOpen: boolean;
  /** From when the connection was begun, its address being known, until it stood, ms. */
  handshakeMs: number | null;
  /** How long the server took for its last answer to `ping`, ms. */
  latencyMs: number | null;
  lastError: string | null;
  /** Received on all connections. */
  messages: number;
  /** Characters in them, inflated. */
  bytes: number;
  /** Messages, or prices in messages, that were of no use. */
  ignored: number;
  /** Where it would resume. */
  epoch: string | null;
  seq: number | null;
};

/** Before the first attempt. */
export const NO_FIGURES: Diagnostics = {
  url: "",
  transport: "v1",
  isOpen: false,
  handshakeMs: null,
  latencyMs: null,
  lastError: null,
  messages: 0,
  bytes: 0,
  ignored: 0,
  epoch: null,
  seq: null,
};
