import type { Diagnostics, StreamStatus } from "../client.ts";
import { EMPTY, type Price } from "../mirror.ts";

/** Of the messages below. Tabs of another version of the application speak on another channel. */
export const VERSION = 1;

/** What a tab asks for. */
export type Wants = {
  all: boolean;
  /** Ids or symbols. */
  names: string[];
};

/** What the leader tells: how the stream is, and prices. Times as ages, since clocks of tabs differ. */
export type Told = {
  status: StreamStatus;
  /** For how long it has been so, ms. */
  statusAgeMs: number;
  diagnostics: Diagnostics;
  /** Each with its age, ms; null while unknown. */
  rows: [Price, number | null][];
  /** Assets that are priced no more. */
  gone: string[];
  /** What it means that an asset is not among them: it is as it was, old, or priced no more. */
  absent: "same" | "stale" | "gone";
  /** Names that were asked for → ids, of the assets in `rows`. */
  names: Record<string, string>;
  /** Of the newest price of all, ms. */
  newestAgeMs: number | null;
  log: string[];
};

/** `from`: the tab that sends it. */
export type Message = { from: string } & (
  | ({ kind: "ask"; whole: boolean } & Wants)
  /** `term` grows with each leader. `to`: the tab that asked for it; empty: all. */
  | ({ kind: "told"; term: number; to: string } & Told)
  | { kind: "retry" | "ping" }
);

export const NO_STATUS: StreamStatus = {
  state: "connecting",
  reason: "Not connected yet.",
  attempt: 0,
  maxAttempts: 0,
  source: null,
  label: "none",
};

export const NO_DIAGNOSTICS: Diagnostics = {
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

/** Any script of this origin may have sent it: what is no message is not read. */
export function isMessage(data: unknown): data is Message {
  if (!isLike(data, { from: "", kind: "" })) return false;
  if (data.kind === "retry" || data.kind === "ping") return true;
  if (data.kind === "ask") return isLike(data, { all: true, whole: true }) && isNames(data.names);
  return (
    data.kind === "told" &&
    isLike(data, { term: 0, to: "", statusAgeMs: 0, absent: "", newestAgeMs: null }) &&
    isLike(data.status, NO_STATUS) &&
    isLike(data.diagnostics, NO_DIAGNOSTICS) &&
    isList(data.rows, (row) => isLike(row, { 1: null }) && isLike(row[0], EMPTY)) &&
    isNames(data.gone) &&
    isNames(data.log) &&
    isObject(data.names) &&
    isNames(Object.values(data.names))
  );
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** Whether it has all fields of `example`, of the same types; for null there: null, number or string. */
const isLike = (value: unknown, example: object): value is Fields =>
  isObject(value) &&
  Object.entries(example).every(([key, like]) => {
    const field = value[key];
    if (typeof field === typeof like) return like !== null || field === null;
    return like === null && (typeof field === "number" || typeof field === "string");
  });

const isList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isNames = (value: unknown): boolean => isList(value, (name) => typeof name === "string");
