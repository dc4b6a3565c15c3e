import { formatAmount, formatChange } from "@cryptovault/price-stream/format";
import { usePrice } from "@cryptovault/price-stream/react";
import { memo, useMemo, useRef } from "react";
import type { Asset, Assets } from "../assets.ts";
import { directionOf } from "../format.ts";
import { Icon } from "../icon.tsx";
import { createKept, useKept } from "../kept.ts";
import { assetHref } from "../route.ts";
import "./ticker.css";

/** Each costs as much as a row, and its copy again. */
const LENGTH = 12;

const keptPaused = createKept("ticker-paused", (stored) => stored === true);

/**
 * The assets of the best rank, moving by slowly: by the compositor alone, so that it costs nothing. A copy
 * that nobody can hear or reach makes it endless.
 */
export function Ticker({ assets }: { assets: Assets | undefined }) {
  const isPaused = useKept(keptPaused);
  const viewport = useRef<HTMLDivElement>(null);
  const top = useMemo(
    () =>
      [...(assets?.values() ?? [])]
        .filter(({ rank }) => rank !== null)
        .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
        .slice(0, LENGTH),
    [assets],
  );
  const name = isPaused ? "Let the ticker move" : "Stop the ticker";
  return (
    <section
      className="ticker"
      aria-label="Top assets"
      data-paused={isPaused}
      // Following the focus scrolls it, which would leave a gap at the end of a round.
      onBlur={() => viewport.current?.scrollTo(0, 0)}
    >
      <div className="ticker-window" ref={viewport}>
        <div className="ticker-belt">
          <Items assets={top} />
          <Items assets={top} isCopy />
        </div>
      </div>
      <button
        type="button"
        className="ticker-pause"
        aria-label={name}
        title={name}
        onClick={() => keptPaused.set(!isPaused)}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d={isPaused ? "M7 5l8 5-8 5z" : "M7 5v10M13 5v10"} />
        </svg>
      </button>
    </section>
  );
}

const Items = ({ assets, isCopy = false }: { assets: readonly Asset[]; isCopy?: boolean }) => (
  <ul aria-hidden={isCopy} inert={isCopy} className={isCopy ? "copy" : ""}>
    {assets.map((asset) => (
      <Item key={asset.id} asset={asset} />
    ))}
  </ul>
);

const Item = memo(function Item({ asset: { id, symbol, name, ...asset } }: { asset: Asset }) {
  const price = usePrice(id);
  const change = price?.change24h ?? asset.change24h;
  return (
    <li className={price?.stale === false ? "" : "stale"}>
      <a href={assetHref(id)} title={name}>
        <Icon symbol={symbol} />
        <b>{symbol}</b>
        <span className="ticker-price">{price ? formatAmount(price) : "–"}</span>
        {change !== null && <span className={directionOf(change)}>{formatChange(change)}</span>}
      </a>
    </li>
  );
});
