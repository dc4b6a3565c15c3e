// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as a grid loses its roles in some browsers
import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Assets } from "../assets.ts";
import type { Sort, SortKey } from "../route.ts";
import { focusRow, type Place } from "./place.ts";
import { Row } from "./row.tsx";
import { TableHead } from "./table-head.tsx";
import { useRowsInView } from "./use-rows-in-view.ts";
import "./columns.css";
import "./table.css";

/** As in table.css, px. */
const ROW_HEIGHT = 56;

type TableProps = {
  ref: RefObject<HTMLTableElement | null>;
  assets: Assets;
  /** Ids, in the order of their rows. */
  order: readonly string[];
  favourites: ReadonlySet<string>;
  sort: Sort;
  /** Where the list was left. */
  place: Place;
  onSort(key: SortKey): void;
};

/** The assets, of which only those in the window are in the document. */
export function Table({ ref, assets, order, favourites, sort, place, onSort }: TableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  /** The asset that has the focus, or had it: it stays in the document wherever the window is. */
  const [focused, setFocused] = useState(place.asset);
  const { first, end } = useRowsInView(body, ROW_HEIGHT);
  const kept = focused === undefined ? -1 : order.indexOf(focused);
  const rows = order.slice(first, end).map((id, n) => ({ id, index: first + n }));
  const isApart = kept < first || kept >= end;
  if (focused !== undefined && kept >= 0 && isApart) {
    rows.splice(kept < first ? 0 : rows.length, 0, { id: focused, index: kept });
  }

  const goTo = (index: number) => {
    const id = order[Math.max(0, Math.min(order.length - 1, index))];
    if (id === undefined) return;
    flushSync(() => setFocused(id));
    focusRow(body.current, id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: kept + 1,
      ArrowUp: kept - 1,
      Home: 0,
      End: order.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    goTo(target);
  };

  return (
    <table
      ref={ref}
      className="market"
      role="table"
      aria-label="Prices"
      aria-rowcount={order.length + 1}
    >
      <TableHead sort={sort} onSort={onSort} />
      <tbody
        ref={body}
        role="rowgroup"
        style={{ height: order.length * ROW_HEIGHT }}
        onFocus={(event) => setFocused(event.target.closest("tr")?.dataset.asset)}
        onKeyDown={onKeyDown}
      >
        {rows.map(({ id, index }) => {
          const asset = assets.get(id);
          return (
            asset && (
              <Row
                key={id}
                asset={asset}
                index={index}
                top={index * ROW_HEIGHT}
                isFavourite={favourites.has(id)}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}
