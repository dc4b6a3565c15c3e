import type { LookupAddress } from "node:dns";
import type { Clock } from "@cryptovault/price-stream";
import type { DnsSeen } from "../seen.ts";
import { attempt } from "./attempt.ts";

/** Finds the addresses of a name, as `node:dns/promises` does with `all`. */
export type Lookup = (name: string) => Promise<LookupAddress[]>;

export const findName = (
  host: string,
  { clock, lookup, answerMs }: { clock: Clock; lookup: Lookup; answerMs: number },
): Promise<DnsSeen> =>
  attempt<{ addresses: string[] }>(clock, answerMs, (done, failed) => {
    lookup(host).then((found) => done({ addresses: found.map(({ address }) => address) }), failed);
    return () => {};
  });
