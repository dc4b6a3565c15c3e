import type { AssetPriceResponse } from "@cryptovault/price-stream/protocol";
import type { ReactNode } from "react";
import type { Asset } from "../assets.ts";
import { formatUsd } from "../format.ts";
import type { Details } from "./use-details.ts";
import { formatSpread, spreadOf } from "./views.ts";
import "./facts.css";

/** Figures about an asset besides its price, each with who says so. */
export function Facts({ asset, details }: { asset: Asset; details: Details }) {
  const known = details.told?.body;
  const isPresent = details.silentMs === null;
  // Where nobody answers, nothing is about to come.
  const unknown = isPresent ? undefined : null;
  const { volume24hUsd, volumeSources } = known ?? asset;
  const spread = known && isPresent ? spreadOf(known) : null;
  return (
    <dl className="asset-facts">
      <Fact title="Volume 24 h" note={volumeSources.join(" + ")}>
        {volume24hUsd !== null && formatUsd(volume24hUsd)}
      </Fact>
      <Fact title="Market cap" note={known?.marketCapSource}>
        {known ? known.marketCapUsd !== null && formatUsd(known.marketCapUsd) : unknown}
      </Fact>
      <Fact title="Spread" note={spread && `between ${spread.of} exchanges`}>
        {known ? spread && formatSpread(spread.percent) : unknown}
      </Fact>
      <Fact title="Exchanges" note={known && speakers(known)}>
        {known ? isPresent && freshOf(known) : unknown}
      </Fact>
    </dl>
  );
}

const freshOf = ({ sources }: AssetPriceResponse): string =>
  `${sources.filter(({ stale }) => !stale).length} of ${sources.length} fresh`;

function speakers({ sources, source }: AssetPriceResponse): string {
  const speaking = sources.filter((view) => view.speaking);
  return source === "median" ? `median of ${speaking.length}` : `${source} speaks`;
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
