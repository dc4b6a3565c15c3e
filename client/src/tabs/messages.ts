import type { Price } from "../mirror.ts";
import type { Diagnostics, StreamStatus } from "../status.ts";

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
const PRICE = { asset: "", price: "", stale: true };

/** Whether it is a message, by its form: any script of this origin may have sent it. */
export function isMessage(data: unknown): data is Message {
  const { kind, rows = [] }: Fields = Object(data);
  const form = FORMS.get(kind);
  const arePrices = Array.isArray(rows) && rows.every((row) => isLike(Object(row)[0], PRICE));
  return form !== undefined && isLike(data, { ...form, from: "" }) && arePrices;
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether it has these fields, of the same kinds. */
function isLike(value: unknown, example: object): boolean {
  const fields: Fields = Object(value);
  return Object.entries(example).every(
    ([name, field]) => fields[name]?.constructor === field.constructor,
  );
}
