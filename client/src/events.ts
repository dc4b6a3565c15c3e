import type { MirroredAsset } from "./mirror.ts";
import type { DataLabel, StreamState } from "./protocol.ts";

/** What the prices are: the live market, the emulator's, or a recording's. */
export type DataKind = "none" | "demo" | "replay";

/** The price of one asset, as last heard. Replaced as a whole when anything in it changes. */
export type Price = MirroredAsset & {
  /** The price is old, or nobody vouches for it at the moment: don't show it as live. */
  readonly stale: boolean;
};

export type PricesEvent = {
  kind: "prices";
  rows: Price[];
  /** When the message was sent, by the server's clock, ms since 1970. */
  at: number;
  /** How long before the server had received the price, where the message tells, ms. */
  ageMs?: number | undefined;
  /** What it means that an asset is not in `rows`: it is as it was, old, or priced no more. */
  absent: "same" | "stale" | "gone";
  /** Assets that are priced no more, or not asked for any more. */
  gone?: string[];
  /** Names that were asked for → ids. */
  names?: Readonly<Record<string, string>> | undefined;
  /** The source that speaks for most assets; null where the message doesn't tell. */
  source: string | null;
  /** A next one is due within seconds, even if nothing changes. */
  steady: boolean;
  /** Whether any price held is fresh. */
  fresh: boolean;
};

/** What a message means, whatever contract it came by. */
export type StreamEvent = {
  label: DataKind;
} /** `silenceMs`: a connection that is silent for longer is dead. */ & (
  | { kind: "hello"; silenceMs: number }
  | PricesEvent
  /** No asset is asked for. */
  | { kind: "idle" }
  /** Nothing has changed since the last prices. */
  | { kind: "unchanged" }
  /** How the server itself is doing. `ageMs`: of its newest price when the message was sent. */
  | { kind: "server"; state: StreamState; source: string | null; ageMs: number | undefined }
  | { kind: "complaint"; text: string }
  | { kind: "answer" }
);

export const labelOf = ({ demo, replay }: DataLabel): DataKind =>
  demo ? "demo" : replay ? "replay" : "none";
