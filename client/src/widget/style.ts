/** Light or dark as the page's `color-scheme` is; the properties `--price-ticker-…` change the rest. */
export const STYLE = `
:host {
  --quiet: var(--price-ticker-quiet, light-dark(#5c6673, #97a1ae));
  --up: var(--price-ticker-up, light-dark(#0a7d43, #3fcf8e));
  --down: var(--price-ticker-down, light-dark(#c02a37, #ff7b84));
  --warn: var(--price-ticker-warn, light-dark(#8a5a00, #f2b84b));
  display: block;
  color: var(--price-ticker-color, light-dark(#15191f, #e8ebef));
  background: var(--price-ticker-background, transparent);
  font: var(--price-ticker-font, 16px / 1.45 system-ui, sans-serif);
  font-variant-numeric: tabular-nums;
}
:host([hidden]), [hidden], p:empty { display: none; }
ul { display: flex; flex-wrap: wrap; gap: 0.25em 1.5em; margin: 0; padding: 0; list-style: none; }
li { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.4em; overflow-wrap: anywhere; }
.change, .price { white-space: nowrap; }
p { margin: 0.25em 0 0; font-size: 0.8em; }
.name { font-weight: 600; }
.move { font-size: 0.7em; }
.move, .change { color: var(--up); }
.move.down, .change.down { color: var(--down); }
.change { font-size: 0.85em; }
.old { font-size: 0.8em; }
.stale .price, .stale .move, .stale .change, .old, .status { color: var(--quiet); }
.label, .error, .status[data-state="failed"] { color: var(--warn); font-weight: 600; }
button { margin-inline-start: 0.75em; font: inherit; cursor: pointer; }
`;
