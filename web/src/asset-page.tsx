import { usePrice } from "@cryptovault/price-stream/react";
import { type Asset, type Assets, findAsset } from "./assets.ts";
import { formatAmount } from "./format.ts";
import { Message } from "./message.tsx";
import { formatRoute, MARKET } from "./route.ts";

/** One asset, by the name that the address gives: its id, or its symbol. */
export function AssetPage({ assets, name }: { assets: Assets; name: string }) {
  const asset = findAsset(assets, name);
  if (asset) return <Trivial asset={asset} />;
  return (
    <Message title={`There is no asset “${name}” here`}>
      <p>It may go by another name, or no exchange that is connected prices it.</p>
      <a className="button" href={formatRoute(MARKET)}>
        All prices
      </a>
    </Message>
  );
}

function Trivial({ asset }: { asset: Asset }) {
  const price = usePrice(asset.id);
  return (
    <>
      <h2>{asset.name}</h2>
      <p>{price && formatAmount(price)}</p>
    </>
  );
}
