/**
 * How old prices are that come late. After each connect exchanges send the last trade of every pair, be it
 * hours old. Their own clock tells: the newest time of any of their prices. Ours may be wrong.
 */
export function createAges(staleAfterMs: number) {
  let newest: number[] = [];
  return {
    /**
     * By how much a price of the source at `index`, received now, is behind the others of that source, ms.
     * 0 for what is not old by that.
     */
    behind(index: number, time: number | undefined, now: number): number {
      if (time === undefined) return 0;
      // No single time out of the future makes all others old.
      const latest = Math.max(newest[index] ?? 0, Math.min(time, now + staleAfterMs));
      newest[index] = latest;
      return latest - time > staleAfterMs ? latest - time : 0;
    },
    clear() {
      newest = [];
    },
  };
}
