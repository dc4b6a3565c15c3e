import type { RefusalCode } from "../errors.ts";

export type Tally = ReturnType<typeof createTally>;

/** How often the gateway has turned somebody away, by code. */
export function createTally() {
  const counts: Partial<Record<RefusalCode, number>> = {};
  return {
    add(code: RefusalCode) {
      counts[code] = (counts[code] ?? 0) + 1;
    },
    counts: () => ({ ...counts }),
  };
}
