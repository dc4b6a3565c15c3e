import type { Quote, RejectReason, Tick } from "../../types.ts";
import type { Failover } from "../failover.ts";
import type { Mapping } from "../identity.ts";
import { createAges } from "./ages.ts";
import { isOlder, type Market, newMarket, type Slot } from "./market.ts";
import { isAbsurd, isConfirmed, isMatched, isSameMove } from "./plausible.ts";
import { type PolicyName, policies } from "./policies.ts";
import { createRates } from "./rates.ts";
import { type SourceView, viewsOf } from "./views.ts";

/** How one price is made of many. */
export type Pricing = {
  policy: PolicyName;
  /** Fewer agreeing sources make a median `thin`. */
  minSources: number;
};

export type QuotesOptions = Pricing & {
  /** Prices of one `market` are one opinion, however many sources bring them. */
  sources: readonly { name: string; naming: "id" | "symbol"; market: string }[];
  failover: Failover;
  staleAfterMs: number;
  /** Change over 24 h in percent from an asset list, where no ticker tells the price of then. */
  listedChange(asset: string): number | undefined;
  publish(quote: Quote): void;
};

export type Quotes = ReturnType<typeof createQuotes>;

/**
 * One price per asset out of what all sources say. Prices that cannot be believed are held back here;
 * which of the others speak, the policy decides: at once for a tick of a speaking source, and in
 * `sweep`, to be called once a second or more often. Pure; times in ms of the market clock.
 */
export function createQuotes(options: QuotesOptions) {
  const { sources, failover, staleAfterMs, minSources } = options;
  const names = sources.map(({ name }) => name);
  const markets = new Map<string, Market>();
  const rates = createRates(staleAfterMs);
  const namesById = (index: number) => sources[index]?.naming === "id";
  const marketOf = (index: number) => sources[index]?.market ?? "";
  const judge = { staleAfterMs, namesById, marketOf };
  const ages = createAges(staleAfterMs);

  const isUsable = (slot: Slot | undefined, now: number): slot is Slot =>
    slot?.matched === true && now - slot.receivedAt <= staleAfterMs;

  /** As the speaking source tells it, else another fresh one, else the asset list. */
  const change24h = (market: Market, speaking: Slot, now: number) => {
    const told =
      changeAt(speaking) ??
      market.slots.map((slot) => isUsable(slot, now) && changeAt(slot)).find(isNumber) ??
      options.listedChange(market.asset);
    return told === undefined ? undefined : Math.round(told * 100) / 100;
  };

  const publish = (quote: Quote) => {
    rates.learn(quote);
    options.publish(quote);
  };
  const desk = {
    names,
    marketOf,
    failover,
    staleAfterMs,
    minSources,
    isUsable,
    change24h,
    publish,
  };
  const policy = policies[options.policy](desk);

  const admit = (market: Market, index: number, slot: Slot, now: number) => {
    market.held[index] = undefined;
    slot.matched = isMatched(judge, market, index, slot.value, now);
    market.slots[index] = slot;
    policy.admitted(market, index, now);
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
      if (market.slots.length === 0) markets.set(asset, market);
      const own = market.slots[index];
      const ownIsFresh = own !== undefined && now - own.receivedAt <= staleAfterMs;
      if (ownIsFresh && own.quoteRank < quoteRank) return "other_quote";
      if (own?.quote === quote && isOlder(tick, own)) return "out_of_order";
      const rate = quoteRank === 0 ? undefined : rates.of(quote, now);
      const raw = Number(tick.price);
      const slot: Slot = {
        price: tick.price,
        quote,
        quoteRank,
        rate,
        raw,
        value: rate ? raw * rate.value : raw,
        receivedAt: now - ages.behind(index, tick.time, now),
        exchangeTime: tick.time,
        sequence: tick.sequence,
        open24h: tick.open24h,
        change24h: tick.change24h,
        baseVolume24h: tick.baseVolume24h,
        quoteVolume24h: tick.quoteVolume24h,
        freshSince: ownIsFresh ? own.freshSince : now,
        yielded: own?.yielded ?? false,
        matched: true,
      };
      if (!isAbsurd(judge, market, index, slot.value, now)) admit(market, index, slot, now);
      else if (holdBack(market, index, slot, now)) return "absurd_price";
      return undefined;
    },

    /** Takes in what has been held long enough, and lets the policy decide on each asset. */
    sweep(now: number) {
      for (const market of markets.values()) {
        release(market, now);
        policy.decide(market, now);
      }
    },

    /** Forgets every price. */
    clear() {
      markets.clear();
      rates.clear();
      ages.clear();
    },

    /** What every source says of one asset. */
    views(asset: string, now: number): SourceView[] {
      const market = markets.get(asset);
      return market ? viewsOf(market, names, (slot) => now - slot.receivedAt > staleAfterMs) : [];
    },

    /** Assets for which a source does not speak, since its price is another coin's. */
    unmatched: (): { asset: string; source: string; price: string }[] =>
      [...markets.values()].flatMap(({ asset, slots }) =>
        names.flatMap((source, index) => {
          const slot = slots[index];
          return slot?.matched === false ? { asset, source, price: slot.price } : [];
        }),
      ),
  };
}

/** Both prices are of one instrument, hence in one currency. */
function changeAt({ raw, open24h, change24h }: Slot): number | undefined {
  const open = Number(open24h);
  return open > 0 ? (raw / open - 1) * 100 : change24h;
}

const isNumber = (value: unknown): value is number => typeof value === "number";
