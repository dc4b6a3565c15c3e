import { type Consensus, consensus } from "./consensus.ts";
import { midpoint } from "./convert.ts";
import { currencyOf, inUsd, type Market, type Slot } from "./market.ts";
import type { Desk, Policy } from "./policy.ts";

/** The price of one source that the median may be taken of. */
type Opinion = { index: number; slot: Slot };

/** All fresh sources speak for an asset together: its price is the median of those that agree. */
export function createMedian(desk: Desk): Policy {
  const { names, marketOf, failover, isUsable } = desk;

  /** One of each market, in one currency only: in USD, else in the best quote there is. */
  const opinionsOn = (market: Market, now: number): Opinion[] => {
    const usable: Opinion[] = [];
    for (const [index, slot] of market.slots.entries()) {
      if (!isUsable(slot, now) || failover.standing(index) === "lost") continue;
      const isHeard = usable.some((other) => marketOf(other.index) === marketOf(index));
      if (!isHeard) usable.push({ index, slot });
    }
    const rankOf = ({ slot }: Opinion) => (slot.rate ? 0 : slot.quoteRank);
    const best = Math.min(...usable.map(rankOf));
    return usable.filter((opinion) => rankOf(opinion) === best);
  };

  const publish = (market: Market, opinions: Opinion[], found: Consensus, now: number) => {
    const agreeing = found.agreeing.flatMap((at) => opinions[at] ?? []);
    const [low, high] = found.middle.flatMap((at) => opinions[at] ?? []);
    const [lowest, highest] = [agreeing.at(0), agreeing.at(-1)];
    if (!low || !lowest || !highest) return;
    const { price, derived, value, receivedAt } = between(low.slot, high?.slot);
    market.speaker = low.index;
    market.last = { value, receivedAt };
    desk.publish({
      asset: market.asset,
      price,
      quote: currencyOf(low.slot),
      derived,
      source: "median",
      constituents: market.agreeing.flatMap((index) => names[index] ?? []),
      spread: percent((highest.slot.value - lowest.slot.value) / value, 4),
      thin: agreeing.length < desk.minSources,
      receivedAt,
      exchangeTime: low.slot.exchangeTime,
      change24h: desk.change24h(market, low.slot, now),
    });
  };

  const settle = (market: Market, now: number, isNews: (agreeing: number[]) => boolean) => {
    const opinions = opinionsOn(market, now);
    if (opinions.length === 0) return;
    const found = consensus(opinions.map(({ slot }) => slot.value));
    const agreeing = found.agreeing.flatMap((at) => opinions[at]?.index ?? []).sort(byPreference);
    if (!isNews(agreeing)) return;
    market.agreeing = agreeing;
    publish(market, opinions, found, now);
  };

  return {
    admitted: (market, _index, now) => settle(market, now, () => true),
    decide: (market, now) =>
      settle(market, now, (agreeing) => agreeing.join() !== market.agreeing.join()),
  };
}

/**
 * The median of one slot is its price, of two the number halfway between. It is as old as the older
 * of them, and derived if one of them is.
 */
function between(low: Slot, high: Slot | undefined) {
  const { value, receivedAt } = low;
  const below = inUsd(low);
  if (!high) return { ...below, value, receivedAt };
  const above = inUsd(high);
  return {
    price: midpoint(below.price, above.price),
    derived: below.derived ?? above.derived,
    value: (value + high.value) / 2,
    receivedAt: Math.min(receivedAt, high.receivedAt),
  };
}

const byPreference = (a: number, b: number) => a - b;

const percent = (share: number, decimals: number): number =>
  Number((share * 100).toFixed(decimals));
