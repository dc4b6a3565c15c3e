import type { DataLabel, StreamState } from "./protocol.ts";

/** What the prices are: the live market, the emulator's, or a recording's. */
export type DataKind = "none" | "demo" | "replay";

/** One price as a message told it. */
export type PriceNews = {
  asset: string;
  price: string;
  quote: string;
  /** The currency it was converted from; null where it came in `quote`. */
  derivedFrom: string | null;
  /** Fewer exchanges agree on it than the gateway's operator asked for. */
  thin: boolean;
  stale: boolean;
  /** Percent; null where nobody knows. */
  change24h: number | null;
  /** The exchange that speaks for it, or `median`; null where the message doesn't tell. */
  source: string | null;
  /** Age of the price when the message was sent, ms; undefined where the message doesn't tell. */
  ageMs: number | undefined;
};

export type PricesEvent = {
  kind: "prices";
  news: PriceNews[];
  /** What it means that an asset is not in `news`: it is as it was, old, or priced no more. */
  absent: "same" | "stale" | "gone";
  /** Assets that are priced no more, or not asked for any more. */
  gone?: string[];
  /** Names that were asked for → ids. */
  names?: Readonly<Record<string, string>>;
  /** The source that speaks for most assets; null where the message doesn't tell. */
  source: string | null;
  /** A next one is due within seconds, even if nothing changes. */
  steady: boolean;
  /** Whether any price held is fresh. */
  fresh: boolean;
};

/** What a message means, whatever contract it came by. */
export type StreamEvent = { label: DataKind } & (
  | {
      kind: "hello";
      /** A connection that is silent for longer is dead, ms. */
      silenceMs: number;
      /** Of the server's sequence, where the contract has one. */
      epoch: string | null;
    }
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
