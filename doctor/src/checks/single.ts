import type { AssetSeen, Seen, SingleSeen } from "../seen.ts";
import { duration } from "../words.ts";
import type { Finding } from "./answers.ts";
import { ending, mendEnding } from "./endings.ts";
import { readHandshake } from "./handshake.ts";
import { hasMovedSince } from "./moved.ts";

/**
 * What is amiss with the line of the asset that the address names; undefined where nothing is, or nobody can tell.
 * @param streamed the asset, as the line of all assets tells of it
 */
export function singleTrouble(
  single: SingleSeen,
  streamed: AssetSeen | undefined,
  { target, timing }: Pick<Seen, "target" | "timing">,
): Finding | undefined {
  const path = `/ws/prices/${single.asset}`;
  const trouble = readHandshake(single.handshake, target, path);
  if (trouble) return trouble;
  const { end, complaint, prices, watchedMs } = single;
  if (end) {
    const why = complaint ? `${complaint.message} ` : "";
    return { seen: `${path}: ${why}${ending(end)}`, mend: mendEnding(single) };
  }
  // It tells of what changes.
  if (prices > 0 || !streamed || !hasMovedSince([streamed], 0, timing)) return undefined;
  return {
    seen: `${path}: no price within ${duration(watchedMs)}, while /ws/prices goes on`,
    mend: `Route ${path} to the gateway as it is, as /ws/prices; if it is, restart the gateway: the stream of a single asset is dead.`,
  };
}
