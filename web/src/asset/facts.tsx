import type { ReactNode } from "react";
import type { Asset } from "../assets.ts";
import { directionOf, formatChange, formatUsd } from "../format.ts";
import type { Details } from "./use-details.ts";
import { formatDifference, spreadOf } from "./views.ts";
import "./facts.css";

/** Figures about an asset besides its price, each with who says so. */
export function Facts({ asset, details }: { asset: Asset; details: Details | undefined }) {
  const known = details?.body;
  const { change24h, volume24hUsd, volumeSources, rank } = known ?? asset;
  const spread = known ? spreadOf(known) : undefined;
  return (
    <dl className="facts">
      <Fact title="24 h change" note={known?.source && `at ${known.source}`}>
        {change24h !== null && (
          <span className={directionOf(change24h)}>{formatChange(change24h)}</span>
        )}
      </Fact>
      <Fact title="Volume 24 h" note={volumeSources.join(" + ")}>
        {volume24hUsd !== null && formatUsd(volume24hUsd)}
      </Fact>
      <Fact title="Market cap" note={known?.marketCapSource}>
        {known ? known.marketCapUsd !== null && formatUsd(known.marketCapUsd) : undefined}
      </Fact>
      <Fact
        title="Rank"
        note={known?.rankSource === "list" ? "by a list, maybe old" : known?.rankSource}
      >
        {rank !== null && `#${rank}`}
      </Fact>
      <Fact title="Spread" note={spread && `between ${spread.of} exchanges`}>
        {spread === undefined ? undefined : spread && formatDifference(spread.percent).slice(1)}
      </Fact>
    </dl>
  );
}

type FactProps = {
  title: string;
  /** Who says so. */
  note: ReactNode;
  /** Undefined while it is not known whether there is a value, false or null where there is none. */
  children: ReactNode;
};

const Fact = ({ title, note, children }: FactProps) => (
  <div>
    <dt>{title}</dt>
    <dd>
      {children === undefined ? <i className="bone" /> : children || "–"}
      {children && note && <small>{note}</small>}
    </dd>
  </div>
);
