import type { LineSeen } from "../seen.ts";
import type { Timing } from "../timing.ts";
import { duration } from "../words.ts";
import { fail, type Verdict } from "./check.ts";

/** That the first message comes when the SDK has given the attempt up: it counts from when it began. */
export function tooSlow(
  { handshake, firstMs }: LineSeen,
  { attemptMs }: Timing,
): Verdict | undefined {
  const tookMs = handshake.ms + (firstMs ?? 0);
  if (tookMs <= attemptMs) return undefined;
  return fail(
    `the first message comes ${duration(tookMs)} after the attempt began (101 after ${duration(handshake.ms)}); clients give it up after ${duration(attemptMs)}`,
    "Look at what takes so long: a platform that wakes the gateway up, a proxy that asks elsewhere first, or a gateway with too much to do.",
  );
}
