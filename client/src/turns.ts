import type { TransportName } from "./transport.ts";

/** From best to worst. */
const ORDER: readonly TransportName[] = ["v1", "plain", "sse"];

/** How many there are. */
export const WAYS = ORDER.length;

/**
 * Which way to try next. As long as none has worked they take turns. The best that has ever worked has
 * every turn but each third: a server that is away for a moment must not cost it.
 * @param failures attempts that ended before anything was heard, since something was
 * @param worked the best that has worked
 */
export function turnAt(failures: number, worked: TransportName | undefined): TransportName {
  const others = ORDER.filter((name) => name !== worked);
  const turn = others[(worked ? Math.floor(failures / 3) : failures) % others.length];
  return (worked && failures % 3 < 2 ? worked : turn) ?? "v1";
}

export const better = (a: TransportName, b: TransportName | undefined): TransportName =>
  ORDER.find((name) => name === a || name === b) ?? a;
