/**
 * Spreads symbols over as few connections as may hold them. A symbol stays where it is, so that a
 * connection made anew neither loses nor doubles what others hold. Pure.
 * @param most how many symbols one connection may hold
 */
export function createShares(most: number) {
  const shares: Set<string>[] = [new Set()];
  return {
    /**
     * One array per connection, at least one.
     * @param pulse a symbol that each connection is to hold, since its prices tell that it lives
     */
    spread(symbols: readonly string[], pulse: string | undefined): string[][] {
      const wanted = new Set(symbols);
      const room = pulse === undefined ? most : most - 1;
      for (const share of shares) {
        for (const symbol of share) if (!wanted.delete(symbol)) share.delete(symbol);
      }
      if (pulse !== undefined) wanted.delete(pulse);
      for (const symbol of wanted) {
        let share = shares.find(({ size }) => size < room);
        if (!share) {
          share = new Set();
          shares.push(share);
        }
        share.add(symbol);
      }
      return shares.map((share) => (pulse === undefined ? [...share] : [pulse, ...share]));
    },
  };
}
