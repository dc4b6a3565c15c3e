import type { Diagnostics } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { StreamStatus } from "../status.ts";
import type { Wish } from "../transport.ts";

/** Of the messages below. Tabs of another version of the application speak on another channel. */
export const VERSION = 1;

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
  | ({ kind: "ask"; whole: boolean } & Wish)
  /** `term` grows with each leader. */
  | ({ kind: "told"; term: number } & Told)
  | { kind: "retry" | "ping" }
);

/** An example of each field, by kind. */
const FORMS = new Map<unknown, object>([
  ["ask", { from: "", all: true, whole: true, names: [] }],
  [
    "told",
    { from: "", term: 0, status: {}, diagnostics: {}, rows: [], gone: [], names: {}, log: [] },
  ],
  ["retry", { from: "" }],
  ["ping", { from: "" }],
]);

/** Whether it is a message, by its form: any script of this origin may have sent it. */
export function isMessage(data: unknown): data is Message {
  const form = isObject(data) ? FORMS.get(data.kind) : undefined;
  return form !== undefined && isLike(data, form) && (!("rows" in data) || isRows(data.rows));
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const isLike = (value: unknown, example: object): value is Fields =>
  isObject(value) &&
  Object.entries(example).every(([key, field]) => typeOf(value[key]) === typeOf(field));

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? "list" : value === null ? "null" : typeof value;

const isRows = (rows: unknown): boolean =>
  Array.isArray(rows) &&
  rows.every((row) => Array.isArray(row) && isLike(row[0], { asset: "", price: "", stale: true }));
