import type { Diagnostics } from "../client.ts";
import type { Price } from "../mirror.ts";
import type { StreamStatus } from "../status.ts";

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
  /** Names that were asked for → ids, as far as they are known. */
  names: Record<string, string>;
  /** Lines of the connection's story. */
  log: string[];
};

/** What tabs say to each other. */
export type Said =
  /** What it asks for, and whether it has to be told all prices of that. */
  | { kind: "ask"; names: string[]; whole: boolean }
  /** `term` grows with each leader. */
  | ({ kind: "told"; term: number } & Told)
  | { kind: "retry" | "ping" };

/** `from`: the tab that says it. */
export type Message = Said & { from: string };

/** An example of each field, by kind. */
const FORMS = new Map<unknown, object>([
  ["ask", { names: [], whole: true }],
  ["told", { term: 0, status: {}, diagnostics: {}, rows: [], gone: [], names: {}, log: [] }],
  ["retry", {}],
  ["ping", {}],
]);

/** Whether it is a message, by its form: any script of this origin may have sent it. */
export function isMessage(data: unknown): data is Message {
  if (!isLike(data, { from: "" })) return false;
  const form = FORMS.get(data.kind);
  return form !== undefined && isLike(data, form) && (!("rows" in data) || isRows(data.rows));
}

type Fields = Readonly<Record<string, unknown>>;

const isLike = (value: unknown, example: object): value is Fields =>
  typeOf(value) === "object" &&
  Object.entries(example).every(([key, field]) => typeOf(Object(value)[key]) === typeOf(field));

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? "list" : value === null ? "null" : typeof value;

const isRows = (rows: unknown): boolean =>
  Array.isArray(rows) &&
  rows.every((row) => Array.isArray(row) && isLike(row[0], { asset: "", price: "", stale: true }));
