import type { HttpSeen, Seen } from "../seen.ts";
import { by } from "./answers.ts";
import { skip, type Verdict } from "./check.ts";

/** That a path is not for the public, or not routed, which is no fault where pages get the stream all the same. */
export function closed(
  answer: HttpSeen | undefined,
  path: string,
  { plain, v1 }: { plain: Seen["plain"]; v1: Seen["v1"] },
): Verdict | undefined {
  const isGreeted = Boolean(v1?.hello) || (plain !== undefined && plain.messages > plain.unread);
  if (!answer?.ok || !isGreeted || ![401, 403, 404].includes(answer.status)) return undefined;
  return skip(`${path} is not open to the public (${answer.status}${by(answer)})`);
}
