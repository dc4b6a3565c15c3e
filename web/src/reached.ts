import type { StreamStatus } from "@cryptovault/price-stream";

/** Whether the gateway can be heard. While it cannot, asking it anything else is in vain as well. */
export const isReached = ({ state }: Pick<StreamStatus, "state">): boolean =>
  state === "live" || state === "stale";
