import { useStreamStatus } from "@cryptovault/price-stream/react";
import { isReached } from "./reached.ts";

/** Whether the gateway can be heard. Renders again when that changes. */
export const useReached = (): boolean => isReached(useStreamStatus());
