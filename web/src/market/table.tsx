// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as a grid loses its roles in some browsers
import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Assets } from "../assets.ts";
import type { Sort, SortKey } from "../route.ts";
import { focusRow, type Place } from "./place.ts";
import { Row } from "./row.tsx";
import { TableHead } from "./table-head.tsx";
import { usePageTop } from "./use-page-top.ts";
import "./columns.css";
import "./table.css";

/** As in table.css, px. */
const ROW_HEIGHT = 56;
/** Rows kept ready beyond the edges of the window. */
const OVERSCAN = 8;

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
  const scrollMargin = usePageTop(body);
  const virtualizer = useWindowVirtualizer({
    count: order.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin,
    // Known before the window is measured, so that the first rows drawn are the right ones.
    initialOffset: place.scroll,
    initialRect: { width: innerWidth, height: innerHeight },
    getItemKey: (index) => order[index] ?? index,
    rangeExtractor(range) {
      const indexes = defaultRangeExtractor(range);
      const kept = focused === undefined ? -1 : order.indexOf(focused);
      if (kept < 0 || indexes.includes(kept)) return indexes;
      return [...indexes, kept].sort((a, b) => a - b);
    },
  });

  const goTo = (index: number) => {
    const id = order[Math.max(0, Math.min(order.length - 1, index))];
    if (id === undefined) return;
    flushSync(() => setFocused(id));
    focusRow(body.current, id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const current = focused === undefined ? -1 : order.indexOf(focused);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: order.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    goTo(target);
  };

  return (
    <table ref={ref} role="table" aria-label="Prices" aria-rowcount={order.length + 1}>
      <TableHead sort={sort} onSort={onSort} />
      <tbody
        ref={body}
        role="rowgroup"
        style={{ height: virtualizer.getTotalSize() }}
        onFocus={(event) => setFocused(event.target.closest("tr")?.dataset.asset)}
        onKeyDown={onKeyDown}
      >
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const asset = assets.get(order[index] ?? "");
          return (
            asset && (
              <Row
                key={asset.id}
                asset={asset}
                index={index}
                top={start - scrollMargin}
                isFavourite={favourites.has(asset.id)}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}
