/** A duration for people: `850 ms`, `30 s`, `5 min`, `24 h`. */
export function formatMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms < 7_200_000) return `${Number((ms / 60_000).toFixed(1))} min`;
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}

/** A market-clock time as it goes over the wire. */
export const iso = (ms: number): string => new Date(ms).toISOString();
