import type { AssetSeen } from "../seen.ts";
import type { Timing } from "../timing.ts";

/**
 * Whether the plain contract has told of enough changes since, that another stream would have told of
 * one: the first of them is no longer under way.
 */
export const hasMovedSince = (
  assets: Iterable<AssetSeen>,
  ms: number,
  { dueMs }: Timing,
): boolean =>
  [...assets].some(
    ({ changedBeforeMs }) => changedBeforeMs !== null && changedBeforeMs > ms + dueMs,
  );
