/**
 * CoinCap v3 and v2: https://pro.coincap.io/api-docs
 * No frame of them was ever captured; the format is that of the documentation and of public clients.
 */
import type { Clock } from "../../clock.ts";
import { plain, significant } from "../decimals.ts";
import type { Market } from "../market.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import type { PairTick } from "../tape.ts";
import { type MarketAsset, supplyOf } from "../universe.ts";
import { type Answer, frameOf, type Peer, type Venue, type Visit } from "../venue.ts";

export type CoincapOptions = {
  version: "v2" | "v3";
  clock: Clock;
  market: Market;
  pairs: readonly Pair[];
  /** The one API key that is accepted; undefined lets everybody in, as v2 did. */
  key: string | undefined;
};

type Subscriber = { peer: Peer; assets: string };

/** `?assets=ALL` is the subscription to everything. */
const ALL = "ALL";

const UNAUTHORIZED = Buffer.from("Unauthorized: a valid API key is required");

export function coincap({ version, clock, market, pairs, key }: CoincapOptions): Venue {
  const subscribers = new Set<Subscriber>();
  const written = new Map<string, unknown>();
  const listed = new Set(pairs.map(({ asset }) => asset));
  const admits = (visit: Visit) => key === undefined || keyOf(visit) === key;
  const deny = (peer: Peer) => {
    peer.send("answer", UNAUTHORIZED);
    peer.close(1000, "");
  };

  return {
    accepts: ({ pathname }) => pathname === "/prices",
    open(peer, visit) {
      const subscriber = { peer, assets: visit.url.searchParams.get("assets") ?? ALL };
      if (admits(visit)) subscribers.add(subscriber);
      else deny(peer);
      return { message() {}, end: () => subscribers.delete(subscriber) };
    },
    publish(ticks) {
      const changed: Record<string, unknown> = {};
      for (const tick of ticks) {
        const price = changedPrice(tick, written.get(tick.symbol));
        changed[tick.symbol] = price;
        written.set(tick.symbol, price);
      }
      const frames = new Map<string, Buffer | undefined>();
      for (const { peer, assets } of subscribers) {
        if (!frames.has(assets)) frames.set(assets, encode(assets, changed));
        const frame = frames.get(assets);
        if (frame) peer.send("data", frame);
      }
    },
    answer(visit) {
      if (visit.url.pathname !== `/${version}/assets`) return undefined;
      if (!admits(visit)) return { status: 403, body: { error: "Forbidden: invalid API key" } };
      const assets = market.assets.filter(({ id }) => listed.has(id));
      const data = page(assets, visit.url.searchParams, (asset) => row(market, asset));
      return { status: 200, body: { data, timestamp: clock.now() } };
    },
    refusals: {
      unauthorized: { status: 403, body: { error: "Forbidden: invalid API key" } },
      blocked: { status: 451, body: { error: "Unavailable For Legal Reasons" } },
      limited: { status: 429, body: { error: "Too Many Requests" } },
    } satisfies Record<string, Answer>,
    deny,
    close() {},
  };
}

function keyOf({ url, authorization }: Visit): string | undefined {
  return url.searchParams.get("apiKey") ?? authorization?.replace(/^Bearer /, "");
}

/** Only changes are sent, so that a trade that rounds to the last price moves it by a cent. */
function changedPrice(tick: PairTick, before: unknown): unknown {
  const price = spelled(tick);
  return price === before ? spelled({ ...tick, last: tick.last + 0.01 }) : price;
}

/** As in public examples: `"97123.41"`; what is small has up to 18 significant digits. */
function spelled({ written, last }: PairTick): unknown {
  if (written !== undefined) return written;
  return last >= 100 ? plain(last, 2) : significant(last, 18);
}

function encode(assets: string, changed: Record<string, unknown>): Buffer | undefined {
  const wanted = assets === ALL ? undefined : new Set(assets.split(","));
  const entries = Object.entries(changed).filter(([id]) => !wanted || wanted.has(id));
  return entries.length > 0 ? frameOf(Object.fromEntries(entries)) : undefined;
}

/** The list is cut to `limit` (100, at most 2000) from `offset`, and to `ids` or `search`. */
function page<T>(
  assets: readonly MarketAsset[],
  query: URLSearchParams,
  read: (asset: MarketAsset) => T,
): T[] {
  const ids = query.get("ids")?.split(",");
  const search = query.get("search")?.toLowerCase();
  const found = assets.filter(
    ({ id, symbol }) =>
      (!ids || ids.includes(id)) &&
      (!search || id.includes(search) || symbol.toLowerCase().includes(search)),
  );
  const offset = Number(query.get("offset") ?? 0);
  const limit = Math.min(2000, Number(query.get("limit") ?? 100));
  return found.slice(offset, offset + limit).map(read);
}

function row(market: Market, asset: MarketAsset) {
  const { id, symbol, name, rank, typical, madeUp } = asset;
  const price = market.price(id) ?? typical;
  const day = market.day(id) ?? { open: price, volume: 0, turnover: 0 };
  const supply = supplyOf(asset);
  const capped = lot(`max ${id}`) < 0.5;
  // Where CoinCap knows too little of a coin it writes null; here some made-up ones play that part.
  const obscure = madeUp && lot(`known ${id}`) < 0.05;
  return {
    id,
    rank: String(rank),
    symbol,
    name,
    supply: plain(supply, 16),
    maxSupply: capped ? plain(supply * 1.05, 16) : null,
    marketCapUsd: plain(supply * price, 16),
    volumeUsd24Hr: plain(day.turnover, 16),
    priceUsd: plain(price, 16),
    changePercent24Hr: obscure ? null : plain((price / day.open - 1) * 100, 16),
    vwap24Hr: obscure ? null : plain(day.turnover / day.volume, 16),
    explorer: obscure ? null : `https://explorer.example/${id}`,
  };
}
