import type { Quote, RejectReason, Tick } from "../types.ts";
import type { Failover } from "./failover.ts";
import type { Mapping } from "./identity.ts";
import { isOlder, type Market, newMarket, type Slot } from "./market.ts";
import { isAbsurd, isConfirmed, isMatched, isSameMove } from "./plausible.ts";

/** One source's view of one asset. */
export type SourceView = {
  source: string;
  price: string;
  quote: string;
  receivedAt: number;
  exchangeTime: number | undefined;
  speaking: boolean;
  matched: boolean;
};

export type QuotesOptions = {
  sources: readonly { name: string; naming: "id" | "symbol" }[];
  failover: Failover;
  staleAfterMs: number;
  /** Change over 24 h in percent from an asset list, where no ticker tells the price of then. */
  listedChange(asset: string): number | undefined;
  publish(quote: Quote): void;
};

export type Quotes = ReturnType<typeof createQuotes>;

/**
 * One price per asset out of what all sources say: policy `priority`. Pure; times in ms of the
 * market clock. A tick of the speaking source is published as it comes; who speaks is decided in
 * `sweep`, to be called once a second or more often.
 */
export function createQuotes(options: QuotesOptions) {
  const { sources, failover, staleAfterMs } = options;
  const markets = new Map<string, Market>();
  const judge = { staleAfterMs, namesById: (i: number) => sources[i]?.naming === "id" };

  const usable = (slot: Slot | undefined, now: number): slot is Slot =>
    slot?.matched === true && now - slot.receivedAt <= staleAfterMs;

  const change24h = (market: Market, speaking: Slot, now: number) => {
    const open =
      speaking.open24h ?? market.slots.find((slot) => usable(slot, now) && slot.open24h)?.open24h;
    const change = Number(open) > 0 ? (speaking.value / Number(open) - 1) * 100 : undefined;
    const percent = change ?? options.listedChange(market.asset);
    return percent === undefined ? undefined : Math.round(percent * 100) / 100;
  };

  const speak = (market: Market, now: number) => {
    const slot = market.slots[market.speaker];
    const source = sources[market.speaker];
    if (!slot || !source) return;
    const { price, quote, receivedAt, exchangeTime } = slot;
    market.last = { value: slot.value, receivedAt };
    options.publish({
      asset: market.asset,
      price,
      quote,
      source: source.name,
      receivedAt,
      exchangeTime,
      change24h: change24h(market, slot, now),
    });
  };

  const choose = (market: Market, now: number): number => {
    let onHold = -1;
    for (let i = 0; i < sources.length; i++) {
      const slot = market.slots[i];
      if (!usable(slot, now)) continue;
      if (now - slot.freshSince > staleAfterMs) slot.yielded = false;
      const standing = failover.standing(i);
      if (standing === "speaking" && !slot.yielded) return i;
      if (standing !== "lost" && onHold < 0) onHold = i;
    }
    const { speaker } = market;
    const stays = failover.standing(speaker) !== "lost" && usable(market.slots[speaker], now);
    return stays || onHold < 0 ? speaker : onHold;
  };

  const decide = (market: Market, now: number) => {
    const chosen = choose(market, now);
    if (chosen === market.speaker) return;
    const previous = market.slots[market.speaker];
    if (previous && now - previous.receivedAt > staleAfterMs) previous.yielded = true;
    market.speaker = chosen;
    speak(market, now);
  };

  const admit = (market: Market, index: number, slot: Slot, now: number) => {
    market.held[index] = undefined;
    slot.matched = isMatched(judge, market, index, slot.value, now);
    market.slots[index] = slot;
    if (market.speaker === index && slot.matched) speak(market, now);
    else if (market.speaker < 0 || market.speaker === index) decide(market, now);
  };

  const release = (market: Market, now: number) => {
    for (const [index, held] of market.held.entries()) {
      if (!held) continue;
      if (now - held.slot.receivedAt > staleAfterMs) market.held[index] = undefined;
      else if (isConfirmed(judge, market, index, held, now)) admit(market, index, held.slot, now);
    }
  };

  const holdBack = (market: Market, index: number, slot: Slot, now: number) => {
    const before = market.held[index];
    const goesOn = before !== undefined && isSameMove(slot.value, before.slot.value);
    market.held[index] = { slot, since: goesOn ? before.since : now };
    release(market, now);
    return market.held[index] !== undefined;
  };

  const views = ({ slots, speaker }: Market): SourceView[] =>
    slots.flatMap((slot, i) => {
      const source = sources[i];
      if (!slot || !source) return [];
      const { price, quote, receivedAt, exchangeTime, matched } = slot;
      const speaking = i === speaker;
      return { source: source.name, price, quote, receivedAt, exchangeTime, speaking, matched };
    });

  return {
    /**
     * Takes one price of the source at `index`.
     * @returns why it was not taken (`other_quote`: a better one speaks), undefined if it was
     */
    tick(
      index: number,
      { asset, quote, quoteRank }: Mapping,
      tick: Tick,
      now: number,
    ): RejectReason | "other_quote" | undefined {
      const market = markets.get(asset) ?? newMarket(asset);
      markets.set(asset, market);
      const own = market.slots[index];
      const ownIsFresh = own !== undefined && now - own.receivedAt <= staleAfterMs;
      if (ownIsFresh && own.quoteRank < quoteRank) return "other_quote";
      if (own?.quote === quote && isOlder(tick, own)) return "out_of_order";
      const slot: Slot = {
        price: tick.price,
        value: Number(tick.price),
        quote,
        quoteRank,
        receivedAt: now,
        exchangeTime: tick.time,
        sequence: tick.sequence,
        open24h: tick.open24h,
        freshSince: ownIsFresh ? own.freshSince : now,
        yielded: own?.yielded ?? false,
        matched: true,
      };
      if (!isAbsurd(judge, market, index, slot.value, now)) admit(market, index, slot, now);
      else if (holdBack(market, index, slot, now)) return "absurd_price";
      return undefined;
    },

    /** Takes in what has been held long enough, and lets the right source speak for each asset. */
    sweep(now: number) {
      for (const market of markets.values()) {
        release(market, now);
        decide(market, now);
      }
    },

    /** Forgets every price. */
    clear: () => markets.clear(),

    /** What every source says of one asset. */
    views(asset: string): SourceView[] {
      const market = markets.get(asset);
      return market ? views(market) : [];
    },

    /** Assets for which a source does not speak, since its price is another coin's. */
    unmatched: (): { asset: string; source: string; price: string }[] =>
      [...markets.values()].flatMap((market) =>
        views(market)
          .filter(({ matched }) => !matched)
          .map(({ source, price }) => ({ asset: market.asset, source, price })),
      ),
  };
}
