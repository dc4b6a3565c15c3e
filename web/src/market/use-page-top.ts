import { type RefObject, useLayoutEffect, useState } from "react";

/** How far an element's top is from that of the page, px, whatever comes and goes above it. */
export function usePageTop(element: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      if (element.current) {
        setTop(Math.round(element.current.getBoundingClientRect().top + scrollY));
      }
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return top;
}
