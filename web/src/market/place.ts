import { type RefObject, useLayoutEffect, useState } from "react";

export type Place = {
  /** How far the page was scrolled, px. */
  readonly scroll: number;
  /** The asset whose row had the focus. */
  readonly asset: string | undefined;
};

let left: Place = { scroll: 0, asset: undefined };

/**
 * Opens the list where it was left: at the same height, and with the focus on the row that it was on. To
 * be used above all of the list: once parts of it are gone, the page is scrolled already.
 * @returns that place; its row has to be in the document from the first
 */
export function usePlace(table: RefObject<HTMLElement | null>): Place {
  const [place] = useState(left);
  useLayoutEffect(() => {
    scrollTo(0, place.scroll);
    if (place.asset) focusRow(table.current, place.asset, { preventScroll: true });
    return () => {
      const row = document.activeElement?.closest<HTMLElement>("tbody tr");
      left = { scroll: scrollY, asset: row?.dataset.asset };
    };
  }, [table, place]);
  return place;
}

export function focusRow(table: HTMLElement | null, asset: string, options?: FocusOptions) {
  table?.querySelector<HTMLElement>(`[data-asset="${CSS.escape(asset)}"] a`)?.focus(options);
}
