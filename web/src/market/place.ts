import { type RefObject, useLayoutEffect, useRef, useState } from "react";

export type Place = {
  /** How far the page was scrolled, px. */
  readonly scroll: number;
  /** The asset whose row had the focus. */
  readonly asset: string | undefined;
};

const TOP: Place = { scroll: 0, asset: undefined };

/** Where the list was left, and which list it was. */
let left = { place: TOP, list: "" };

/**
 * Opens a list where it was left: at the same height, and with the focus on the row that it was on. To be
 * used above all of the list: once parts of it are gone, the page is scrolled already.
 * @param list address of the list; another one begins at its top
 * @returns that place; its row has to be in the document from the first
 */
export function usePlace(table: RefObject<HTMLElement | null>, list: string): Place {
  const [place] = useState(left.list === list ? left.place : TOP);
  const shown = useRef(list);
  useLayoutEffect(() => {
    scrollTo(0, place.scroll);
    if (place.asset) focusRow(table.current, place.asset, { preventScroll: true });
    return () => {
      const row = document.activeElement?.closest<HTMLElement>("tbody tr");
      left = { place: { scroll: scrollY, asset: row?.dataset.asset }, list: shown.current };
    };
  }, [table, place]);
  useLayoutEffect(() => {
    if (shown.current === list) return;
    shown.current = list;
    if ((table.current?.getBoundingClientRect().top ?? 0) < 0) table.current?.scrollIntoView();
  }, [table, list]);
  return place;
}

export function focusRow(table: HTMLElement | null, asset: string, options?: FocusOptions) {
  table?.querySelector<HTMLElement>(`[data-asset="${CSS.escape(asset)}"] a`)?.focus(options);
}
