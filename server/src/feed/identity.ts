import type { Listed, Source } from "../sources/source.ts";
import type { Asset, Instrument } from "../types.ts";

/** Quotes that can speak for an asset's price in USD, the best first. */
const QUOTE_ORDER = ["USD", "USDT", "USDC"];

/** What a symbol of one exchange stands for. `quoteRank` 0 is the best quote. */
export type Mapping = { asset: string; quote: string; quoteRank: number };

/** `other_quote`: a pair whose quote speaks for no price in USD. */
type Resolved = Mapping | "unknown" | "other_quote";

export type Identity = ReturnType<typeof createIdentity>;

/**
 * Which asset a symbol means. Assets are keyed by CoinCap id; where an exchange only tells a
 * ticker symbol, the best-ranked asset with that symbol is meant (the price check of `quotes.ts`
 * catches the wrong ones).
 */
export function createIdentity(known: readonly Asset[]) {
  const assets = new Map<string, Asset>();
  const bySymbol = new Map<string, Asset>();
  const instruments = new Map<Source, Map<string, Instrument>>();
  const resolved: Map<string, Resolved>[] = [];

  const add = (asset: Asset) => {
    assets.set(asset.id, asset);
    const rival = bySymbol.get(asset.symbol.toUpperCase());
    if (!rival || rival.id === asset.id || rival.rank > asset.rank) {
      bySymbol.set(asset.symbol.toUpperCase(), asset);
    }
  };
  known.forEach(add);

  const instrumentOf = (source: Source, symbol: string) =>
    instruments.get(source)?.get(symbol) ?? source.listing.split(symbol);

  /** Symbols to ask for while there is no list. */
  const unlisted = ({ facts, listing }: Source): Iterable<string> =>
    facts.naming === "id" ? assets.keys() : listing.bundled;

  const lookUp = (source: Source, symbol: string): Resolved => {
    const instrument = instrumentOf(source, symbol);
    if (!instrument) return "unknown";
    const { base, quote } = instrument;
    const quoteRank = QUOTE_ORDER.indexOf(quote);
    if (quoteRank < 0) return "other_quote";
    const asset = source.facts.naming === "id" ? assets.get(base) : bySymbol.get(base);
    return asset ? { asset: asset.id, quote, quoteRank } : "unknown";
  };

  return {
    /** Tells what symbols of `source` stand for. */
    resolver(source: Source): (symbol: string) => Resolved {
      const cache = new Map<string, Resolved>();
      resolved.push(cache);
      return (symbol) => {
        const cached = cache.get(symbol);
        if (cached !== undefined) return cached;
        const mapping = lookUp(source, symbol);
        // Only what is known is kept: an exchange could otherwise fill the memory with inventions.
        if (mapping !== "unknown") cache.set(symbol, mapping);
        return mapping;
      };
    },

    /** Takes in an exchange's own list. */
    learn(source: Source, listed: Listed) {
      instruments.set(source, new Map(listed.instruments.map((item) => [item.symbol, item])));
      listed.assets?.forEach(add);
      for (const cache of resolved) cache.clear();
    },

    /** What to subscribe to at `source`: of each wanted asset the pair in the best quote. */
    subscription(source: Source, isWanted: (asset: string) => boolean): string[] {
      const symbols = instruments.get(source)?.keys() ?? unlisted(source);
      const best = new Map<string, { symbol: string; quoteRank: number }>();
      for (const symbol of symbols) {
        const mapping = lookUp(source, symbol);
        if (typeof mapping === "string" || !isWanted(mapping.asset)) continue;
        const rival = best.get(mapping.asset);
        if (!rival || mapping.quoteRank < rival.quoteRank) {
          best.set(mapping.asset, { symbol, quoteRank: mapping.quoteRank });
        }
      }
      return [...best.values()].map(({ symbol }) => symbol);
    },

    all: (): Iterable<Asset> => assets.values(),

    get: (id: string): Asset | undefined => assets.get(id),

    /** The asset a person means: by id or by symbol, in any case. */
    find: (name: string): Asset | undefined =>
      assets.get(name.toLowerCase()) ?? bySymbol.get(name.toUpperCase()),
  };
}
