import { type KeyboardEvent, useEffect, useRef } from "react";
import { go, MARKET, type Route, replaceRoute } from "../route.ts";
import "./search.css";

/** Searches the list, whose first row Enter opens; from another view it leads there. `/` goes to it from anywhere. */
export function Search({ route }: { route: Route }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  const search = (query: string) =>
    route.view === "market" ? replaceRoute({ ...route, query }) : go({ ...MARKET, query });
  const onKeyDown = (event: KeyboardEvent) => {
    const first = document.querySelector<HTMLElement>("table.market tbody a");
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter" && route.view === "market" && route.query !== "") first?.click();
    else return;
    event.preventDefault();
  };
  return (
    <search className="search">
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d="M8.8 3.5a5.3 5.3 0 1 0 0 10.6 5.3 5.3 0 0 0 0-10.6M12.7 12.7l4 4" />
      </svg>
      <input
        ref={input}
        type="search"
        placeholder="Search name or symbol"
        aria-label="Search name or symbol"
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        value={route.view === "market" ? route.query : ""}
        onChange={(event) => search(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className="key" aria-hidden="true">
        /
      </span>
    </search>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input, select, textarea, [contenteditable]");
