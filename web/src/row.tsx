import type { PriceStream } from "@cryptovault/price-stream";
import type { AssetPrice } from "@cryptovault/price-stream/protocol";
import { memo, useCallback, useRef, useSyncExternalStore } from "react";
import { formatAge, formatChange, formatPrice, formatUsd } from "./format.ts";
import { Icon } from "./icon.tsx";

type RowProps = { stream: PriceStream; asset: AssetPrice };

/** One asset. Rendered again only when its own price or description changes. */
export const Row = memo(function Row({ stream, asset }: RowProps) {
  const { id, symbol, name, rank, change24h, volume24hUsd, volumeSources } = asset;
  const subscribe = useCallback((fn: () => void) => stream.subscribe(id, fn), [stream, id]);
  const price = useSyncExternalStore(subscribe, () => stream.get(id));
  const direction = useDirection(price?.price);
  const stale = price?.stale ?? true;
  const ageMs = stream.ageMs(id);
  return (
    <tr className={stale ? "stale" : ""} data-asset={id}>
      <td className="rank">{rank ?? "–"}</td>
      <th scope="row">
        <Icon symbol={symbol} />
        <span className="name">{name}</span> <span className="symbol">{symbol}</span>
      </th>
      <td className="price">
        {price && (
          <span key={price.price} className={stale ? "" : direction}>
            <i className="mark" aria-hidden="true" />
            {price.quote === "USD" && "$"}
            {formatPrice(price.price)}
            {price.quote !== "USD" && <small> {price.quote}</small>}
          </span>
        )}
        {price?.derivedFrom && (
          <small className="note" title={`Converted from ${price.derivedFrom} at the live rate`}>
            from {price.derivedFrom}
          </small>
        )}
        {price?.thin && (
          <small className="note" title="Few exchanges agree on this price">
            few sources
          </small>
        )}
        {stale && price && (
          <small className="age">old{ageMs === null ? "" : `, ${formatAge(ageMs)}`}</small>
        )}
      </td>
      <td className={`change ${(change24h ?? 0) < 0 ? "down" : "up"}`}>
        {change24h === null ? "–" : formatChange(change24h)}
      </td>
      <td className="volume" title={volumeSources.join(", ")}>
        {volume24hUsd === null ? "–" : formatUsd(volume24hUsd)}
      </td>
    </tr>
  );
});

/** `up` or `down` against the price before this one; nothing for the first. */
function useDirection(price: string | undefined): "" | "up" | "down" {
  const last = useRef<{ price: string | undefined; direction: "" | "up" | "down" }>({
    price,
    direction: "",
  });
  if (last.current.price !== price) {
    const rose = Number(price) > Number(last.current.price);
    const first = last.current.price === undefined;
    last.current = { price, direction: first ? "" : rose ? "up" : "down" };
  }
  return last.current.direction;
}
