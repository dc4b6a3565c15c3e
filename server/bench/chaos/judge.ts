import type { Checked, CheckedList } from "./contract.ts";
import type { Outages } from "./outages.ts";
import type { Claim, Truth } from "./truth.ts";

/** From a source's last price to the next one's at a client: the feed decides, the book, the hub. */
const DECIDE_MS = 250;
const BOOK_SWEEP_MS = 1000;
const BROADCAST_MS = 1000;
/**
 * Who connects to an exchange may get the last trade of a pair at once, however long ago it was: by
 * its own pause, or by a fault that stopped it.
 */
const LAST_TRADE_MS = 10_000;
/** A price that has been stale for longer than this is not shown, ms. */
const SHOWN_STALE_MS = 300_000;

export type JudgeOptions = {
  truth: Truth;
  outages: Outages;
  staleAfterMs: number;
  /** How long a gateway may need to have all prices of an exchange that is well again, ms. */
  recoveryMs: number;
  /** The market moves this often, ms. */
  tickMs: number;
  /** Until when a stale price is nobody's fault: the run has just begun, or was held up. ms. */
  excusedUntil(): number;
  /** What has to be forgiven at the moment, since the process itself was held up, ms. */
  slackMs(): number;
  accuse(what: string): void;
};

type Update = Extract<Checked, { type: "price_update" }>;
type Price = Extract<Checked, { type: "price" }>;

export type Judge = ReturnType<typeof createJudge>;

/** Holds what clients receive against what the emulated exchanges did. */
export function createJudge(options: JudgeOptions) {
  const { truth, outages, staleAfterMs, recoveryMs, tickMs, slackMs, accuse } = options;
  /** `owed`: prices that had to be fresh, since an exchange was well. */
  const counts = { prices: 0, owed: 0, worstAgeMs: 0 };
  const assets = outages.assets();

  /** Since when the gateway has had no excuse for a stale price of the asset. */
  const owedSince = (asset: string, now: number): number | undefined => {
    const since = outages.wellSince(asset, now);
    return since === undefined ? undefined : Math.max(options.excusedUntil(), since + recoveryMs);
  };

  const mustBeFresh = (asset: string, now: number): boolean => {
    const since = owedSince(asset, now);
    return since !== undefined && since + BROADCAST_MS <= now;
  };

  const checkFresh = (where: string, asset: string, at: number) => {
    const since = at - staleAfterMs - BOOK_SWEEP_MS - slackMs();
    if (outages.mayHaveSpoken(asset, since, at)) return;
    accuse(`${where}: ${asset} is shown as fresh, but nobody can have priced it for so long`);
  };

  /**
   * When the market had that price: from the exchange's own time of it (null: it sends none, and tells
   * trades at once) until its receipt. A median is as old as the oldest price in it, of no one time.
   */
  const tradedWithin = (
    source: string | null,
    receivedAt: string,
    exchangeTime: string | null | undefined,
    at: number,
  ) => {
    const received = Date.parse(receivedAt);
    const moment = 2 * tickMs + slackMs();
    if (source === "median" || exchangeTime === undefined) {
      return { from: received - LAST_TRADE_MS - moment, to: at };
    }
    const traded = exchangeTime === null ? received : Date.parse(exchangeTime);
    return { from: Math.min(received, traded) - moment, to: received };
  };

  const checkPrice = (where: string, claim: Omit<Claim, "rateFrom">) => {
    counts.prices++;
    const rateFrom = claim.from - staleAfterMs - LAST_TRADE_MS;
    const wrong = truth.refute({ ...claim, rateFrom });
    if (wrong) accuse(`${where}: ${wrong}`);
  };

  return {
    counts,

    /** A client of every price. The result judges each of its updates in turn. */
    viewer(where: string) {
      const staleSince = new Map<string, number>();
      return (message: Update) => {
        const at = Date.parse(message.timestamp);
        const stale = new Set(message.stale);
        const quotes = invert(message.quoted);
        const derived = invert(message.derived);
        for (const [asset, price] of Object.entries(message.prices)) {
          const isStale = stale.has(asset);
          const age = staleAfterMs + (isStale ? SHOWN_STALE_MS : BOOK_SWEEP_MS);
          const quote = quotes.get(asset) ?? "USD";
          const derivedFrom = derived.get(asset);
          const from = at - age - LAST_TRADE_MS - slackMs();
          checkPrice(where, { asset, price, quote, derivedFrom, from, to: at });
          if (!isStale) checkFresh(where, asset, at);
        }
        for (const asset of assets) {
          if (asset in message.prices && !stale.has(asset)) staleSince.delete(asset);
          else if (!staleSince.has(asset)) staleSince.set(asset, at);
          const since = Math.max(staleSince.get(asset) ?? at, owedSince(asset, at) ?? at);
          if (at - since > DECIDE_MS + BOOK_SWEEP_MS + BROADCAST_MS + slackMs()) {
            accuse(`${where}: ${asset} is stale for ${at - since} ms, though an exchange is well`);
          }
        }
      };
    },

    /** A client of one asset has its price. */
    single(where: string, message: Price) {
      const { symbol: asset, price, quote, derived, stale, source } = message;
      const at = Date.parse(message.timestamp);
      const when = tradedWithin(source, message.last_update, message.exchange_time, at);
      checkPrice(where, { asset, price, quote, derivedFrom: derived?.quote, ...when });
      if (!stale) checkFresh(where, asset, at);
    },

    /** The list over HTTP, where each price tells its age. */
    list(where: string, { timestamp, assets: entries }: CheckedList) {
      const at = Date.parse(timestamp);
      for (const { id: asset, price, quote, derived, stale, receivedAt, ...entry } of entries) {
        if (price === null || quote === null || receivedAt === null) continue;
        const when = tradedWithin(entry.source, receivedAt, entry.exchangeTime, at);
        checkPrice(where, { asset, price, quote, derivedFrom: derived?.quote, ...when });
        if (!stale) checkFresh(where, asset, at);
        if (!mustBeFresh(asset, at)) continue;
        const ageMs = at - Date.parse(receivedAt);
        counts.owed++;
        counts.worstAgeMs = Math.max(counts.worstAgeMs, ageMs);
        if (ageMs <= staleAfterMs + DECIDE_MS + slackMs()) continue;
        accuse(`${where}: ${asset} is ${ageMs} ms old, though an exchange is well`);
      }
    },

    /** Whether a client of every price must have heard one within the last moments. */
    owesUpdates: (now: number): boolean => assets.some((asset) => mustBeFresh(asset, now)),
  };
}

/** `{"USDT":["bitcoin"]}` by asset. */
function invert(lists: Record<string, string[]> = {}): Map<string, string> {
  return new Map(
    Object.entries(lists).flatMap(([key, ids]) => ids.map((id): [string, string] => [id, key])),
  );
}
