import type { LogLine } from "./connection-log.ts";
import type { Fact } from "./facts.ts";
import type { Hint } from "./hints.ts";
import { formatTime } from "./words.ts";

export type Report = {
  /** When it is made, with the zone that the log's times are in. */
  readonly madeAt: string;
  readonly state: string;
  readonly facts: readonly Fact[];
  readonly hints: readonly Hint[];
  readonly lines: readonly LogLine[];
};

/** All that the drawer shows as text, for a mail or a ticket. Pure. */
export function reportOf({ madeAt, state, facts, hints, lines }: Report): string {
  const width = Math.max(...facts.map(({ name }) => name.length));
  return [
    `CryptoVault price stream, ${madeAt}`,
    state,
    "",
    ...facts.map(({ name, value }) => `${name.padEnd(width)}  ${value}`),
    ...hints.flatMap(({ title, advice }) => ["", `${title}: ${advice}`]),
    "",
    ...lines.map(({ at, text }) => `${formatTime(at)}  ${text}`),
    "",
  ].join("\n");
}
