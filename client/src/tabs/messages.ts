import type { Diagnostics, StreamStatus } from "../client.ts";
import type { Price } from "../mirror.ts";

/** Of the messages below. Tabs of another version of the application speak on another channel. */
export const VERSION = 1;

/** What a tab asks for. */
export type Wants = {
  all: boolean;
  /** Ids or symbols. */
  names: string[];
};

/** What the leader tells: how the stream is, and prices. */
export type Told = {
  status: StreamStatus;
  diagnostics: Diagnostics;
  /** Each with its age, ms, since clocks of tabs differ; null while unknown. */
  rows: [Price, number | null][];
  /** Assets that are priced no more. */
  gone: string[];
  /** Names that were asked for → ids, of the assets in `rows`. */
  names: Record<string, string>;
  /** Lines of the connection's story. */
  log: string[];
};

/** `from`: the tab that sends it. */
export type Message = { from: string } & (
  | ({ kind: "ask"; whole: boolean } & Wants)
  /** `term` grows with each leader. */
  | ({ kind: "told"; term: number } & Told)
  | { kind: "retry" | "ping" }
);

/** An example of each field of each kind. */
const KINDS: Readonly<Record<string, object>> = {
  ask: { all: true, whole: true, names: [] },
  told: { term: 0, status: {}, diagnostics: {}, rows: [], gone: [], names: {}, log: [] },
  retry: {},
  ping: {},
};

/** Whether it is a message by its form: any script of this origin may have sent it. */
export function isMessage(data: unknown): data is Message {
  const kind = isObject(data) && Object.hasOwn(KINDS, `${data.kind}`) && KINDS[`${data.kind}`];
  return (
    isLike(data, { from: "", ...kind }) &&
    kind !== false &&
    (!Array.isArray(data.rows) || data.rows.every(isRow))
  );
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const isRow = (row: unknown): boolean =>
  Array.isArray(row) && isLike(row[0], { asset: "", price: "", stale: true });

const isLike = (value: unknown, example: object): value is Fields =>
  isObject(value) &&
  Object.entries(example).every(
    ([key, like]) =>
      typeof value[key] === typeof like &&
      value[key] !== null &&
      Array.isArray(value[key]) === Array.isArray(like),
  );
