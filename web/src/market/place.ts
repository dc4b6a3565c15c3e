import { type RefObject, useLayoutEffect, useState } from "react";

type Place = {
  /** How far the page was scrolled, px. */
  readonly scroll: number;
  /** The asset whose row had the focus. */
  readonly asset: string | undefined;
};

let left: Place = { scroll: 0, asset: undefined };

/**
 * Opens the list where it was left: at the same height, and with the focus on the row that it was on.
 * @returns that place; its row has to be in the document from the first
 */
export function usePlace(body: RefObject<HTMLElement | null>): Place {
  const [place] = useState(left);
  useLayoutEffect(() => {
    scrollTo(0, place.scroll);
    if (place.asset) focusRow(body.current, place.asset, { preventScroll: true });
    return () => {
      const row = document.activeElement?.closest<HTMLElement>("tbody tr");
      left = { scroll: scrollY, asset: row?.dataset.asset };
    };
  }, [body, place]);
  return place;
}

export function focusRow(body: HTMLElement | null, asset: string, options?: FocusOptions) {
  body?.querySelector<HTMLElement>(`[data-asset="${CSS.escape(asset)}"] a`)?.focus(options);
}
