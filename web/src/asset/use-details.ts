import type { AssetPriceResponse } from "@cryptovault/price-stream/protocol";
import { useCallback } from "react";
import { fetchPrice } from "../api.ts";
import { type Polled, type Told, usePolled } from "../use-polled.ts";

const ASK_EVERY_MS = 1500;

/** What the gateway knows of an asset besides its price. */
export type Details = Omit<Polled<AssetPriceResponse>, "again">;

/** Asked for again and again. Renders again each second. */
export function useDetails(asset: string): Details {
  return usePolled(
    useCallback(() => fetchPrice(asset), [asset]),
    ASK_EVERY_MS,
  );
}

/** How old something is that the gateway received then: by its own clock, and by the time since it told. */
export const ageOf = ({ body, at }: Told<AssetPriceResponse>, receivedAt: string): number =>
  Date.parse(body.timestamp) - Date.parse(receivedAt) + performance.now() - at;
