import { AssetView } from "./asset/asset-view.tsx";
import { type Assets, findAsset } from "./assets.ts";
import { Message } from "./message.tsx";
import { formatRoute, MARKET } from "./route.ts";

/** One asset, by the name that the address gives: its id, or its symbol. */
export function AssetPage({ assets, name }: { assets: Assets; name: string }) {
  const asset = findAsset(assets, name);
  if (asset) return <AssetView key={asset.id} asset={asset} />;
  return (
    <Message title={`There is no asset “${name}” here`}>
      <p>It may go by another name, or no exchange that is connected prices it.</p>
      <a className="button" href={formatRoute(MARKET)}>
        All prices
      </a>
    </Message>
  );
}
