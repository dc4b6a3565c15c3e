import { type RefObject, useLayoutEffect, useState } from "react";
import { flushSync } from "react-dom";

/** Numbers of rows, `end` not included. There may be fewer than that. */
export type RowsInView = { readonly first: number; readonly end: number };

/** Rows kept ready beyond the window's edges, so that there is something to see while new ones are made. */
const SPARE = 8;
/** New ones are made so many at a time. */
const STEP = 4;

/**
 * Which rows of a list are in the window, as the page is scrolled.
 * @param body what holds the rows
 * @param rowHeight of every row, px
 */
export function useRowsInView(body: RefObject<HTMLElement | null>, rowHeight: number): RowsInView {
  const [rows, setRows] = useState<RowsInView>({ first: 0, end: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      const next = rowsInView(
        body.current?.getBoundingClientRect().top ?? 0,
        innerHeight,
        rowHeight,
      );
      setRows((last) => (last.first === next.first && last.end === next.end ? last : next));
    };
    // Before this frame is drawn, or it would show a gap.
    const follow = () => flushSync(measure);
    measure();
    addEventListener("scroll", follow, { passive: true });
    addEventListener("resize", follow);
    // What comes and goes above the list moves it.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => {
      removeEventListener("scroll", follow);
      removeEventListener("resize", follow);
      observer.disconnect();
    };
  }, [body, rowHeight]);
  return rows;
}

/** @param top of the first row, px from the window's */
function rowsInView(top: number, windowHeight: number, rowHeight: number): RowsInView {
  const first = Math.floor(-top / rowHeight / STEP) * STEP - SPARE;
  const end = Math.ceil((windowHeight - top) / rowHeight / STEP) * STEP + SPARE;
  return { first: Math.max(0, first), end: Math.max(0, end) };
}
