import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { createPoll, type PollHealth } from "../feed/link/poll.ts";
import type { Rest } from "../feed/link/rest.ts";
import type { Asset, Figures, Stated, Statistics } from "../types.ts";
import {
  COINGECKO_TIMING,
  type Coin,
  type CoingeckoAccess,
  coingeckoPages,
  readCoins,
} from "./coingecko.ts";
import { fits, type Match, matchCoins } from "./match.ts";

/** Figures of a REST API are dropped at this age, ms. */
const MAX_AGE_MS = 2 * 3_600_000;
/** A figure that was told stays as it is for so long, ms. */
const HOLD_MS = 60_000;

export type MetadataOptions = {
  /** Undefined where CoinGecko is not to be asked. */
  coingecko: CoingeckoAccess | undefined;
  rest: Rest;
  clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  log: Logger;
  assets(): Iterable<Asset>;
  asset(id: string): Asset | undefined;
  /** Price in USD, undefined where there is no fresh one. */
  price(asset: string): number | undefined;
  /** Volume by the exchanges' tickers, in USD. */
  volume(asset: string): Stated | undefined;
  /** How the sources' own lists are. */
  lists(): PollHealth[];
};

/** One REST API as `/health` tells it. `assets`: of how many it tells something. */
export type MetadataHealth = Omit<PollHealth, "state" | "nextTryMs"> & {
  state: PollHealth["state"] | "off";
  nextTryMs: number | null;
  assets: number;
};

export type Metadata = ReturnType<typeof createMetadata>;

/**
 * What is known of assets besides their prices, and who tells it: a source's list of assets first
 * (its ids are ours), then CoinGecko, then the exchanges' tickers. No price waits for it.
 */
export function createMetadata(options: MetadataOptions) {
  const { clock } = options;
  const lists = new Map<string, { figures: ReadonlyMap<string, Figures>; at: number }>();
  const pages: { coins: Coin[]; at: number }[] = [];
  const told = new Map<string, { statistics: Statistics; at: number }>();
  let matches = new Map<string, Match & { page: number }>();

  const isFresh = (at: number | undefined) => at !== undefined && clock.now() - at <= MAX_AGE_MS;

  const match = () => {
    const pageOf = new Map(
      pages.flatMap(({ coins }, page) => coins.map((coin) => [coin, page] as const)),
    );
    const found = matchCoins([...pageOf.keys()], [...options.assets()]);
    matches = new Map(
      [...found].map(([asset, match]) => [asset, { ...match, page: pageOf.get(match.coin) ?? 0 }]),
    );
  };

  const poll =
    options.coingecko &&
    createPoll({
      ...options,
      name: "coingecko",
      pages: coingeckoPages(options.coingecko),
      everyMs: COINGECKO_TIMING.everyMs,
      take(body, page) {
        pages[page] = { coins: readCoins(body), at: clock.now() };
        match();
      },
      keep(page) {
        const kept = pages[page];
        if (kept) kept.at = clock.now();
        match();
      },
    });

  /** What the REST APIs say of one asset, the best first. */
  const stated = (asset: string, figure: keyof Figures): Stated | undefined => {
    for (const [source, { figures, at }] of lists) {
      const value = figures.get(asset)?.[figure];
      if (value !== undefined && isFresh(at)) return { value, sources: [source] };
    }
    const match = matches.get(asset);
    const value = match?.coin.figures[figure];
    if (!match || value === undefined || !isFresh(pages[match.page]?.at)) return undefined;
    return fits(match, options.price(asset)) ? { value, sources: ["coingecko"] } : undefined;
  };

  const rankByList = (asset: string): Stated | undefined => {
    const rank = options.asset(asset)?.rank ?? Number.MAX_SAFE_INTEGER;
    return rank < Number.MAX_SAFE_INTEGER ? { value: rank, sources: ["list"] } : undefined;
  };

  const gather = (asset: string): Statistics => ({
    rank: stated(asset, "rank") ?? rankByList(asset),
    volume24hUsd: stated(asset, "volume24hUsd") ?? options.volume(asset),
    marketCapUsd: stated(asset, "marketCapUsd"),
  });

  return {
    start: () => poll?.start(COINGECKO_TIMING.pauseMs),

    /** Takes in what a source's own list says of assets, by id. */
    list(source: string, figures: ReadonlyMap<string, Figures>) {
      lists.set(source, { figures, at: clock.now() });
    },

    /** Change over 24 h in percent, by the REST APIs. */
    change24h: (asset: string): number | undefined => stated(asset, "change24h")?.value,

    /** The figures of one asset. One that was told changes at most once a minute. */
    of(asset: string): Statistics {
      const now = clock.now();
      const before = told.get(asset);
      const holds = before !== undefined && now - before.at < HOLD_MS;
      if (holds && Object.values(before.statistics).every(Boolean)) return before.statistics;
      const statistics = holds ? filled(before.statistics, gather(asset)) : gather(asset);
      told.set(asset, { statistics, at: holds ? before.at : now });
      return statistics;
    },

    health: (): MetadataHealth[] => [
      ...options
        .lists()
        .map((list) => ({ ...list, assets: lists.get(list.name)?.figures.size ?? 0 })),
      { ...(poll?.health() ?? OFF), assets: matches.size },
    ],

    stop: () => poll?.stop(),
  };
}

/** What is known, and from `news` only what is not. */
const filled = (known: Statistics, news: Statistics): Statistics => ({
  rank: known.rank ?? news.rank,
  volume24hUsd: known.volume24hUsd ?? news.volume24hUsd,
  marketCapUsd: known.marketCapUsd ?? news.marketCapUsd,
});

const OFF = {
  name: "coingecko",
  state: "off",
  failure: null,
  answerAgeMs: null,
  nextTryMs: null,
} as const;
