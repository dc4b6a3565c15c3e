import { formatAmount, formatChange } from "../format.ts";
import type { Price, StreamStatus } from "../index.ts";
import { STYLE } from "./style.ts";

const LABELS = {
  demo: "Demo data: made up, not the market",
  replay: "Replay: recorded, not the market of now",
};

/** What the element shows. Builds it anew in `root`, with a row for each of `names`. */
export function createView(root: ShadowRoot, names: readonly string[]) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const list = make("ul");
  list.setAttribute("role", "list");
  const rows = new Map(names.map((name) => [name, createRow(name)]));
  list.append(...[...rows.values()].map((row) => row.element));
  const status = make("p", "status");
  const state = make("span");
  state.setAttribute("role", "status");
  const retry = make("button", "", "Retry");
  const label = make("p", "label");
  status.append(state, retry);
  root.replaceChildren(list, label, status);

  return {
    price: (name: string, price: Price) => rows.get(name)?.show(price),

    status(now: StreamStatus, onRetry: () => void) {
      status.dataset.state = now.state;
      status.title = now.reason;
      setText(state, tell(now));
      retry.hidden = now.state !== "failed";
      retry.onclick = onRetry;
      setText(label, now.label === "none" ? "" : LABELS[now.label]);
      if (now.state === "live" || now.state === "stale")
        for (const row of rows.values()) row.settle();
    },

    /** Nothing can be shown. */
    fail(why: string) {
      const error = make("p", "error", `price-ticker: ${why}`);
      error.setAttribute("role", "alert");
      root.replaceChildren(error);
    },
  };
}

function createRow(name: string) {
  const element = make("li");
  const price = make("span", "price", "–");
  const move = make("span", "move");
  move.setAttribute("aria-hidden", "true");
  const change = make("span", "change");
  const old = make("span", "old", "old");
  old.hidden = true;
  element.append(make("span", "name", name), move, price, change, old);
  let last: string | undefined;

  return {
    element,
    /** The server has told what it has. */
    settle() {
      if (last === undefined) setText(price, "no price");
    },
    show(next: Price) {
      const difference = last === undefined ? 0 : Number(next.price) - Number(last);
      last = next.price;
      const { stale, change24h } = next;
      setText(price, formatAmount(next));
      if (difference !== 0) setText(move, difference > 0 ? "▲" : "▼");
      move.className = `move ${move.textContent === "▼" ? "down" : "up"}`;
      setText(change, change24h === null ? "" : formatChange(change24h));
      change.className = `change ${(change24h ?? 0) < 0 ? "down" : "up"}`;
      element.className = stale ? "stale" : "";
      old.hidden = !stale;
    },
  };
}

function tell({ state, reason, attempt, maxAttempts }: StreamStatus): string {
  if (state === "live") return "Live";
  if (state === "connecting") return "Connecting …";
  if (state === "reconnecting") return `Reconnecting ${attempt}/${maxAttempts} …`;
  return reason;
}

function make(tag: string, className = "", text = ""): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Leaves the element alone where nothing changes, so that a screen reader isn't told again. */
function setText(element: HTMLElement, text: string) {
  if (element.textContent !== text) element.textContent = text;
}
