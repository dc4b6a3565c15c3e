// biome-ignore-all lint/a11y/noRedundantRoles: a table that is laid out as a grid loses its roles in some browsers

import { formatChange } from "@cryptovault/price-stream/format";
import { usePrice } from "@cryptovault/price-stream/react";
import { memo } from "react";
import type { Asset } from "../assets.ts";
import { directionOf, formatUsd } from "../format.ts";
import { Icon } from "../icon.tsx";
import { assetHref } from "../route.ts";
import { PriceCell } from "./price-cell.tsx";
import { Sparkline } from "./sparkline.tsx";
import { Star } from "./star.tsx";
import "./row.css";

type RowProps = {
  asset: Asset;
  /** Place among all rows, from 0. */
  index: number;
  /** Where it is drawn, px from the first row's place. */
  top: number;
  isFavourite: boolean;
};

/** What a tick leaves as it is. */
const Title = memo(function Title({ asset, isFavourite }: Pick<RowProps, "asset" | "isFavourite">) {
  const { id, symbol, name, rank } = asset;
  return (
    <>
      <td role="cell" className="star">
        <Star id={id} name={name} isFavourite={isFavourite} />
      </td>
      <td role="cell" className="rank">
        {rank ?? "–"}
      </td>
      <th role="rowheader" scope="row" className="name">
        <a href={assetHref(id)}>
          <Icon symbol={symbol || name} />
          <span className="names">
            <b>{name}</b> <span className="symbol">{symbol}</span>
          </span>
        </a>
      </th>
    </>
  );
});

/** One asset. Rendered again only when its own price or description changes. */
export const Row = memo(function Row({ asset, index, top, isFavourite }: RowProps) {
  const { id, volume24hUsd, volumeSources } = asset;
  const price = usePrice(id);
  const change = price?.change24h ?? asset.change24h;
  return (
    <tr
      role="row"
      // The head is the first.
      aria-rowindex={index + 2}
      className={price?.stale === false ? "" : "stale"}
      data-asset={id}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Title asset={asset} isFavourite={isFavourite} />
      <td role="cell" className="price">
        {price ? <PriceCell price={price} /> : "–"}
      </td>
      <td role="cell" className={`change ${directionOf(change)}`}>
        {change === null ? "–" : formatChange(change)}
      </td>
      <td role="cell" className="volume" title={volumeSources.join(", ")}>
        {volume24hUsd === null ? "–" : formatUsd(volume24hUsd)}
      </td>
      <td role="cell" className="trend">
        <Sparkline asset={id} />
      </td>
    </tr>
  );
});
