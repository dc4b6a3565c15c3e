import type { Price } from "@cryptovault/price-stream";
import { formatPrice } from "@cryptovault/price-stream/format";
import { usePriceStream } from "@cryptovault/price-stream/react";
import { formatAge } from "../format.ts";
import { useMove } from "../use-move.ts";
import { useSecond } from "../use-second.ts";

/** A price, how it has just moved, and what there is to be said of it. */
export function PriceCell({ price }: { price: Price }) {
  const { direction, count } = useMove(price.price);
  const { stale, quote } = price;
  return (
    <>
      {direction && !stale && <i key={count} className={`flash ${direction}`} aria-hidden="true" />}
      <span className="amount">
        {quote === "USD" ? `$${formatPrice(price.price)}` : formatPrice(price.price)}
        {quote !== "USD" && <small> {quote}</small>}
      </span>
      {stale ? <Age asset={price.asset} /> : <Note price={price} />}
    </>
  );
}

function Note({ price: { derivedFrom, thin } }: { price: Price }) {
  if (thin) {
    return (
      <small className="note" title="Few exchanges agree on this price">
        few sources
      </small>
    );
  }
  if (derivedFrom === null) return null;
  return (
    <small className="note" title={`Converted from ${derivedFrom} at the live rate`}>
      from {derivedFrom}
    </small>
  );
}

/** Counts on by itself: of an old price nothing else comes any more. */
function Age({ asset }: { asset: string }) {
  useSecond();
  const ageMs = usePriceStream()?.ageMs(asset) ?? null;
  const age = ageMs === null ? "now" : formatAge(ageMs);
  return <small className="note age">old{age !== "now" && `, ${age}`}</small>;
}
