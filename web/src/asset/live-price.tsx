import type { Price } from "@cryptovault/price-stream";
import { formatChange, formatPrice } from "@cryptovault/price-stream/format";
import type { Derived } from "@cryptovault/price-stream/protocol";
import { usePrice, usePriceStream } from "@cryptovault/price-stream/react";
import type { Asset } from "../assets.ts";
import { directionOf, formatAge } from "../format.ts";
import { useMove } from "../use-move.ts";
import { useSecond } from "../use-second.ts";

type LivePriceProps = {
  asset: Asset;
  /** What it was converted from, as last asked for. */
  derived: Derived | null;
};

/** The price, large; who says it, how long ago, and what else there is to be said of it. */
export function LivePrice({ asset, derived }: LivePriceProps) {
  const price = usePrice(asset.id);
  const change = price?.change24h ?? asset.change24h;
  return (
    <div className={`live-price ${price?.stale === false ? "" : "stale"}`}>
      <p className="figure">
        {price ? <Amount price={price} /> : "–"}
        {change !== null && (
          <span className={`day ${directionOf(change)}`}>
            {formatChange(change)} <small>24 h</small>
          </span>
        )}
      </p>
      <p className="remarks">
        {price ? <Origin price={price} /> : "No exchange has told a price yet."}
        {price && remarksOn(price, derived).map((remark) => <span key={remark}>{remark}</span>)}
      </p>
    </div>
  );
}

function Amount({ price: { price, quote, stale } }: { price: Price }) {
  const { direction, count } = useMove(price);
  return (
    <span className="amount">
      {quote === "USD" && "$"}
      {formatPrice(price)}
      {quote !== "USD" && <small> {quote}</small>}
      {direction && !stale && <i key={count} className={`mark ${direction}`} aria-hidden="true" />}
    </span>
  );
}

/** Counts on by itself: of an old price nothing else comes any more. */
function Origin({ price: { asset, source, stale } }: { price: Price }) {
  useSecond();
  const ageMs = usePriceStream()?.ageMs(asset) ?? null;
  const age = ageMs === null ? null : formatAge(ageMs);
  if (stale) {
    return (
      <b className="old">Old{age && `: received ${age === "now" ? "just now" : `${age} ago`}`}</b>
    );
  }
  return (
    <span>
      {source && `${source === "median" ? "Median of several" : source}, `}
      {age === null || age === "now" ? "just now" : `${age} ago`}
    </span>
  );
}

function remarksOn({ quote, derivedFrom, thin }: Price, derived: Derived | null): string[] {
  const remarks: string[] = [];
  if (derivedFrom !== null) {
    const rate =
      derived?.quote === derivedFrom ? `$${Number(derived.rate).toFixed(5)}` : "the live rate";
    remarks.push(`Converted from ${derivedFrom} at ${rate}`);
  }
  if (quote !== "USD") remarks.push(`In ${quote}: there is no live rate to USD`);
  if (thin) remarks.push("Few exchanges agree on it");
  return remarks;
}
