import type { Mirror } from "@cryptovault/price-stream/mirror";
import type { SubscribeMessage } from "@cryptovault/price-stream/protocol/v1";
import type { Names } from "./script.ts";
import type { Assets, ChangeMessage } from "./wishes.ts";

/** The messages of one subscription: what is held first, with `since`, then the others, in `parts`. */
export function subscription(
  names: Names,
  interval: number | undefined,
  parts: number,
  claims: readonly SubscribeMessage[] = [],
): ChangeMessage[] {
  const claimed = claims.flatMap(({ assets = [] }) => assets);
  const others = names === "*" ? names : names.filter((name) => !claimed.includes(name));
  return [
    ...claims,
    ...(claimed.includes("*") ? [] : listed("subscribe", others, parts)),
    ...(interval === undefined ? [] : [{ type: "subscribe" as const, interval }]),
  ];
}

/**
 * What a client may say on a new connection to hold from earlier ones, if it wants it again.
 * @param holding what its mirror is complete in
 */
export function claimsOf(
  mirror: Mirror,
  holding: Assets,
  names: Names,
  share: "all" | "some" | "none",
): SubscribeMessage[] {
  const since = mirror.position();
  if (!since || share === "none") return [];
  if (share === "all" && names === "*" && holding === "*") {
    return [{ type: "subscribe", assets: "*", since }];
  }
  const held = [...mirror.all().keys()].filter((asset) => names === "*" || names.includes(asset));
  const assets = held.filter((_, place) => share === "all" || place % 2 === 0);
  return assets.length > 0 ? [{ type: "subscribe", assets, since }] : [];
}

/** A list in so many messages, as even as can be. */
export function listed(type: ChangeMessage["type"], names: Names, parts: number): ChangeMessage[] {
  if (names === "*") return [{ type, assets: names }];
  const size = Math.max(1, Math.ceil(names.length / parts));
  const count = Math.max(1, Math.ceil(names.length / size));
  return Array.from({ length: count }, (_, part) => ({
    type,
    assets: names.slice(part * size, (part + 1) * size),
  }));
}
