import type { AssetPriceResponse } from "@cryptovault/price-stream/protocol";
import { useCallback } from "react";
import { fetchPrice } from "../api.ts";
import { usePolled } from "../use-polled.ts";

const ASK_EVERY_MS = 1500;

export type Details = {
  readonly body: AssetPriceResponse;
  /** When it came, ms of `performance.now()`. */
  readonly at: number;
};

/** What the gateway knows of an asset besides its price; undefined until it has answered. */
export function useDetails(asset: string): Details | undefined {
  const ask = useCallback(
    async () => ({ body: await fetchPrice(asset), at: performance.now() }),
    [asset],
  );
  return usePolled(ask, ASK_EVERY_MS)[0];
}

/** How old something is that the gateway received then: by its own clock, and by the time since it told. */
export const ageOf = ({ body, at }: Details, receivedAt: string): number =>
  Date.parse(body.timestamp) - Date.parse(receivedAt) + performance.now() - at;
