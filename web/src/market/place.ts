import { type RefObject, useLayoutEffect, useState } from "react";

/** Where the list was left. */
let left: { scroll: number; asset: string | undefined } = { scroll: 0, asset: undefined };

/**
 * Opens the list where it was left: at the same height, and with the focus on the row that it was on.
 * @returns the asset of that row, which has to be in the document for that
 */
export function usePlace(body: RefObject<HTMLElement | null>): string | undefined {
  const [asset] = useState(left.asset);
  useLayoutEffect(() => {
    scrollTo(0, left.scroll);
    if (left.asset) focusRow(body.current, left.asset, { preventScroll: true });
    return () => {
      const row = document.activeElement?.closest<HTMLElement>("tbody tr");
      left = { scroll: scrollY, asset: row?.dataset.asset };
    };
  }, [body]);
  return asset;
}

export function focusRow(body: HTMLElement | null, asset: string, options?: FocusOptions) {
  body?.querySelector<HTMLElement>(`[data-asset="${CSS.escape(asset)}"] a`)?.focus(options);
}
