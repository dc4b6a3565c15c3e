import type { Asset } from "../assets.ts";
import { formatRoute, MARKET } from "../route.ts";
import { Chart } from "./chart.tsx";
import { Facts } from "./facts.tsx";
import { Headline } from "./headline.tsx";
import { LivePrice } from "./live-price.tsx";
import { Sources } from "./sources.tsx";
import { useDetails } from "./use-details.ts";
import "./asset-view.css";

/** All there is to know of one asset, as it happens. */
export function AssetView({ asset }: { asset: Asset }) {
  const details = useDetails(asset.id);
  return (
    <article className="asset">
      <a className="back" href={formatRoute(MARKET)}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M10 3L5 8l5 5" />
        </svg>
        All prices
      </a>
      <Headline asset={asset} />
      <LivePrice asset={asset} derived={details.told?.body.derived ?? null} />
      <Chart asset={asset.id} />
      <Facts asset={asset} details={details} />
      <Sources details={details} />
    </article>
  );
}
