/** The class of a change: nothing where there is none. */
export const directionOf = (change: number | null): "up" | "down" | "" =>
  change === null || change === 0 ? "" : change > 0 ? "up" : "down";

const compact = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  notation: "compact",
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});

/** A sum for people: `$39.8B`, `$1.20M`. */
export const formatUsd = (usd: number): string => compact.format(usd);

/** `now`, `12 s`, `3 min`, `2 h`, `4 d`. */
export function formatAge(ms: number): string {
  if (ms < 2000) return "now";
  if (ms < 120_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/**
 * A moment by the device's own clock and custom.
 * @param at ms since 1970
 */
export const formatClock = (at: number, withSeconds: boolean): string =>
  new Date(at).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    ...(withSeconds && { second: "2-digit" }),
  });
