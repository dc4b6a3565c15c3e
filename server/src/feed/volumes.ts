import type { Stated, Tick } from "../types.ts";
import type { SourceView } from "./views.ts";

/** What a ticker said of trading in 24 h is believed for so long, ms: a day's sum changes slowly. */
const FRESH_MS = 15 * 60_000;

type Traded = { base: string | undefined; quote: string | undefined; at: number };
type BySource = Map<string, Traded>;

export type Volumes = ReturnType<typeof createVolumes>;

/** What the exchanges' tickers tell of trading in 24 h: the last of each asset and source. Pure. */
export function createVolumes() {
  const traded = new Map<string, BySource>();

  return {
    /** Takes note of a tick whose price was taken. Times in ms of the market clock. */
    tick(source: string, asset: string, tick: Tick, now: number) {
      const { baseVolume24h: base, quoteVolume24h: quote } = tick;
      if (base === undefined && quote === undefined) return;
      let bySource = traded.get(asset);
      if (!bySource) {
        bySource = new Map();
        traded.set(asset, bySource);
      }
      const known = bySource.get(source);
      if (!known) bySource.set(source, { base, quote, at: now });
      else {
        known.base = base;
        known.quote = quote;
        known.at = now;
      }
    },

    /**
     * Traded in 24 h at all the sources of `views` together, in USD; USDT and USDC count as USD. A
     * statistic: a source whose price is another coin's is left out. Undefined where none tells it.
     */
    of(asset: string, views: readonly SourceView[], now: number): Stated | undefined {
      const told = views.flatMap(({ source, price, matched }) => {
        const volume = traded.get(asset)?.get(source);
        if (!matched || !volume || now - volume.at > FRESH_MS) return [];
        const usd =
          volume.quote === undefined ? Number(volume.base) * Number(price) : Number(volume.quote);
        return Number.isFinite(usd) && usd >= 0 ? [{ source, usd }] : [];
      });
      if (told.length === 0) return undefined;
      return {
        value: told.reduce((sum, { usd }) => sum + usd, 0),
        sources: told.map(({ source }) => source),
      };
    },
  };
}
