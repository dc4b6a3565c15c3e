import type { FaultDetail, FaultName } from "../../src/emulator/faults.ts";
import type { Pair } from "../../src/emulator/pairs.ts";
import type { Exchange } from "../../src/emulator/venue.ts";
import { type Blow, isSilencing } from "./plan.ts";

/** A blow as it came to be. Times in ms since 1970. */
export type Outage = {
  exchange: Exchange;
  fault: FaultName;
  detail: FaultDetail;
  from: number;
  /** When it was mended; Infinity before. */
  mendedAt: number;
  /** When its effects were over too; Infinity before. */
  overAt: number;
};

/** Quotes in which the gateway takes prices. */
const QUOTES = ["USD", "USDT", "USDC"];

/** Which exchanges could speak for an asset, and which should have. */
export function createOutages(pairs: ReadonlyMap<Exchange, readonly Pair[]>) {
  const covered = new Map<string, Exchange[]>();
  for (const [exchange, list] of pairs) {
    for (const { asset } of list.filter(({ active, quote }) => active && QUOTES.includes(quote))) {
      const known = covered.get(asset) ?? [];
      if (!known.includes(exchange)) covered.set(asset, [...known, exchange]);
    }
  }
  const history: Outage[] = [];
  const byExchange = new Map([...pairs.keys()].map((exchange) => [exchange, [] as Outage[]]));
  const outagesOf = (exchange: Exchange) => byExchange.get(exchange) ?? [];

  return {
    history,
    /** Every asset that some exchange trades. */
    assets: () => [...covered.keys()],

    /** A fault begins. The result goes on with it. */
    begin({ exchange, fault, detail }: Blow, from: number): Outage {
      const open = Number.POSITIVE_INFINITY;
      const outage = { exchange, fault, detail, from, mendedAt: open, overAt: open };
      history.push(outage);
      outagesOf(exchange).push(outage);
      return outage;
    },

    /** Since when some exchange that trades the asset has been well; undefined if none is. */
    wellSince(asset: string, now: number): number | undefined {
      let since: number | undefined;
      for (const exchange of covered.get(asset) ?? []) {
        const last = outagesOf(exchange).at(-1);
        const from = last?.overAt ?? Number.NEGATIVE_INFINITY;
        if (from <= now) since = Math.min(since ?? from, from);
      }
      return since;
    },

    /** Whether some exchange that trades the asset may have sent a price of it in that time. */
    mayHaveSpoken(asset: string, from: number, to: number): boolean {
      return (covered.get(asset) ?? []).some(
        (exchange) =>
          !outagesOf(exchange).some(
            (outage) => isSilencing(outage.fault) && outage.from <= from && outage.mendedAt >= to,
          ),
      );
    },
  };
}

export type Outages = ReturnType<typeof createOutages>;
