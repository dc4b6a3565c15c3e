import type { AssetPriceResponse } from "@cryptovault/price-stream/protocol";
import { useCallback, useState } from "react";
import { fetchPrice, Refusal } from "../api.ts";
import { usePolled } from "../use-polled.ts";
import { useSecond } from "../use-second.ts";

const ASK_EVERY_MS = 1500;
/** An answer that is older than this tells nothing of the present, ms. */
const LATE_MS = 6000;

/** An answer of the gateway about one asset. */
export type Told = {
  readonly body: AssetPriceResponse;
  /** When it came, ms of `performance.now()`. */
  readonly at: number;
};

export type Details = {
  /** Undefined until the gateway has answered. */
  readonly told: Told | undefined;
  /** For how long it has told nothing, ms; null while it does. */
  readonly silentMs: number | null;
  /** Why, where it answers at all. */
  readonly refusal: string | undefined;
};

/** What the gateway knows of an asset besides its price. Renders again each second. */
export function useDetails(asset: string): Details {
  const [openedAt] = useState(() => performance.now());
  useSecond();
  const [refusal, setRefusal] = useState<string>();
  const ask = useCallback(async (): Promise<Told> => {
    try {
      return { body: await fetchPrice(asset), at: performance.now() };
    } catch (error) {
      setRefusal(error instanceof Refusal ? error.message : undefined);
      throw error;
    }
  }, [asset]);
  const [told] = usePolled(ask, ASK_EVERY_MS);
  const waitedMs = performance.now() - (told?.at ?? openedAt);
  return { told, silentMs: waitedMs > LATE_MS ? waitedMs : null, refusal };
}

/** How old something is that the gateway received then: by its own clock, and by the time since it told. */
export const ageOf = ({ body, at }: Told, receivedAt: string): number =>
  Date.parse(body.timestamp) - Date.parse(receivedAt) + performance.now() - at;
