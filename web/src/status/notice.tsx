import { usePriceStream, useStreamStatus } from "@cryptovault/price-stream/react";
import { asSentence } from "./announce.ts";
import "./notice.css";

/**
 * While prices are not live: why, and what that means for those shown. It lies over the page's foot, so that
 * nothing moves when it comes and goes.
 */
export function Notice() {
  const { state, reason } = useStreamStatus();
  const hasPrices = (usePriceStream()?.all().size ?? 0) > 0;
  if (state === "live" || state === "connecting") return null;
  return (
    <p className="notice" data-state={state}>
      {asSentence(reason)} {hasPrices && <b>The prices shown are old.</b>}
    </p>
  );
}
