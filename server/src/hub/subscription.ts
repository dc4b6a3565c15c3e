import { createHash } from "node:crypto";
import type { Book, Entry } from "../book/book.ts";

/** Assets by id, or all there are. */
export type AssetSet = "*" | ReadonlySet<string>;

export const NOTHING: AssetSet = new Set();

const includes = (assets: AssetSet, asset: string): boolean => assets === "*" || assets.has(asset);

/** Short, and the same for equal sets only. */
export function keyOf(assets: AssetSet): string {
  if (assets === "*") return "*";
  return createHash("sha256")
    .update([...assets].sort().join(" "))
    .digest("base64url");
}

export const union = (a: AssetSet, b: AssetSet): AssetSet =>
  a === "*" || b === "*" ? "*" : new Set([...a, ...b]);

/** @param a not `"*"`, of which only all can be taken away */
export const without = (a: ReadonlySet<string>, b: AssetSet): AssetSet =>
  b === "*" ? NOTHING : new Set([...a].filter((asset) => !b.has(asset)));

export const intersection = (a: AssetSet, b: AssetSet): AssetSet => {
  if (a === "*") return b;
  return b === "*" ? a : new Set([...a].filter((asset) => b.has(asset)));
};

/** What a client holds of these assets: everything up to `seq`. */
export type Holding = { assets: AssetSet; seq: number };

/** An entry to be sent, and up to where the client holds its asset: 0 for not at all. */
export type Row = { entry: Entry; from: number };

/**
 * What brings a client that holds `holdings` to hold all of `target`, in one frame: what has changed of
 * the assets that it holds, and the whole of the others.
 */
export function rowsBetween(
  book: Pick<Book, "since">,
  holdings: readonly Holding[],
  target: AssetSet,
): Row[] {
  const only = target === "*" ? undefined : target;
  const held = holdings.filter(({ seq }) => seq > 0);
  const upTo = (asset: string) => held.find(({ assets }) => includes(assets, asset))?.seq ?? 0;
  const rows = (entries: Entry[]) =>
    entries
      .map((entry) => ({ entry, from: upTo(entry.asset) }))
      .filter(({ entry, from }) => entry.seq > from);
  const earliest = Math.min(...held.map(({ seq }) => seq));
  if (held.some(({ assets }) => assets === "*")) return rows(book.since(earliest, only));
  const delisted =
    held.length === 0 ? [] : book.since(earliest, only).filter(({ listed }) => !listed);
  return rows([...book.since(0, only), ...delisted]).filter(
    ({ entry, from }) => entry.listed || from > 0,
  );
}
