import type {
  AssetPrice,
  AssetPriceResponse,
  AssetView,
  PricesResponse,
} from "@cryptovault/price-stream/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Book, Entry } from "../book/book.ts";
import type { Clock } from "../clock.ts";
import { clientErrors } from "../errors.ts";
import type { SourceView } from "../feed/price/views.ts";
import { iso } from "../format.ts";
import { labelOf } from "../hub/label.ts";
import type { Asset, DataMode, Statistics } from "../types.ts";
import { type Access, onlyWith } from "./access.ts";
import type { Throttle } from "./guard.ts";
import type { Limits } from "./limits.ts";
import { heldSeq, readNames, readPosition, refuseQuery } from "./query.ts";
import type { Tally } from "./tally.ts";

/** Who asks for all prices within so long of another gets the same bytes, ms. */
const SHARED_MS = 100;

export type RestOptions = {
  book: Book;
  mode: DataMode;
  /** The market clock, ms. */
  now(): number;
  find(name: string): Asset | undefined;
  asset(id: string): Asset | undefined;
  views(asset: string): SourceView[];
  statistics(asset: string): Statistics;
  limits: Limits;
  refused: Tally;
  access: Access;
  /** Paces clients. */
  clock: Clock;
};

/** Prices for who asks for them now and then. Bodies carry times, so that a cached one grows old visibly. */
export function serveRest(app: FastifyInstance, options: RestOptions, throttle: Throttle) {
  const { book, mode, now, find, asset, views, statistics, clock } = options;
  const mostAssets = options.limits.assetsPerSubscription;
  const label = labelOf(mode);
  const onRequest = [throttle, onlyWith(options)];
  const priceOf = (entry: Entry) => assetPrice(entry, asset(entry.asset), statistics(entry.asset));

  /** The last change of any of these, delisted ones too, which a snapshot (since 0) would not tell of. */
  const newestOf = (assets: ReadonlySet<string>): number =>
    Math.max(1, ...book.since(1, assets).map(({ seq }) => seq));

  /** Names the state in the answer. @returns whether it is the one that the client has */
  const isKnown = (request: FastifyRequest, reply: FastifyReply, seq: number): boolean => {
    const tag = `"${book.epoch}:${seq}"`;
    // Weak: times are renewed and statistics refreshed without a number.
    reply.header("etag", `W/${tag}`);
    return holds(request.headers["if-none-match"], tag);
  };

  const changesOf = (from: number, only?: ReadonlySet<string>): PricesResponse => {
    const entries = book.since(from, only);
    const assets = entries.filter(({ listed }) => listed).map(priceOf);
    assets.sort((a, b) => place(a) - place(b));
    const removed = entries.filter(({ listed }) => !listed).map((entry) => entry.asset);
    return {
      epoch: book.epoch,
      seq: book.seq(),
      timestamp: iso(now()),
      assets,
      ...(from > 0 ? { removed } : {}),
      ...label,
    };
  };

  let made = { at: Number.NEGATIVE_INFINITY, seq: 0, body: Buffer.of() };
  /** What is asked for most, and costs most: made once for all who ask at the same time. */
  const everything = () => {
    if (clock.now() - made.at >= SHARED_MS) {
      const prices = changesOf(0);
      made = { at: clock.now(), seq: prices.seq, body: Buffer.from(JSON.stringify(prices)) };
    }
    return made;
  };

  app.get<{ Querystring: { assets?: unknown; since?: unknown } }>(
    "/api/prices",
    { onRequest },
    async (request, reply) => {
      const names = readNames(request.query.assets);
      if (!names) return refuseQuery(reply, "bad_assets");
      const since = readPosition(request.query.since);
      if (!since && request.query.since !== undefined) return refuseQuery(reply, "bad_since");
      if (names !== "*" && names.length > mostAssets) return refuseQuery(reply, "too_many_assets");
      const from = heldSeq(book, since);
      if (names === "*" && from === 0) {
        const { seq, body } = everything();
        if (isKnown(request, reply, seq)) return reply.code(304).send();
        return reply.type("application/json; charset=utf-8").send(body);
      }
      const only = names === "*" ? undefined : new Set(names.map((name) => find(name)?.id ?? name));
      const changedAt = only ? newestOf(only) : book.seq();
      if (isKnown(request, reply, changedAt)) return reply.code(304).send();
      const unknown = names === "*" ? [] : names.filter((name) => !find(name));
      return { ...changesOf(from, only), ...(unknown.length > 0 ? { unknown } : {}) };
    },
  );

  app.get<{ Params: { asset: string } }>(
    "/api/prices/:asset",
    { onRequest },
    async (request, reply) => {
      const found = find(request.params.asset);
      if (!found) {
        options.refused.add("unknown_asset");
        return reply
          .code(404)
          .send({ error: { code: "unknown_asset", ...clientErrors.unknown_asset } });
      }
      const entry = book.get(found.id);
      if (entry && isKnown(request, reply, entry.seq)) return reply.code(304).send();
      const price = entry ? priceOf(entry) : assetPrice(undefined, found, statistics(found.id));
      return {
        timestamp: iso(now()),
        ...price,
        sources: views(found.id).map(assetView),
        ...label,
      } satisfies AssetPriceResponse;
    },
  );
}

const place = ({ rank }: AssetPrice): number => rank ?? Number.MAX_SAFE_INTEGER;

/**
 * Whether If-None-Match names `tag`, be it weak or not.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
const holds = (header: string | undefined, tag: string): boolean =>
  header?.split(",").some((one) => ["*", tag, `W/${tag}`].includes(one.trim())) ?? false;

function assetPrice(
  entry: Entry | undefined,
  asset: Asset | undefined,
  { rank, volume24hUsd, marketCapUsd }: Statistics,
): AssetPrice {
  const id = entry?.asset ?? asset?.id ?? "";
  return {
    id,
    symbol: asset?.symbol ?? id,
    name: asset?.name ?? id,
    price: entry?.price ?? null,
    quote: entry?.quote ?? null,
    source: entry?.source ?? null,
    constituents: [...(entry?.constituents ?? [])],
    derived: entry?.derived ?? null,
    spread: entry?.spread ?? null,
    thin: entry?.thin ?? false,
    stale: entry?.stale ?? true,
    change24h: entry?.change24h ?? null,
    exchangeTime: isoOrNull(entry?.exchangeTime),
    receivedAt: isoOrNull(entry?.receivedAt),
    rank: rank?.value ?? null,
    rankSource: rank?.sources[0] ?? null,
    marketCapUsd: marketCapUsd?.value ?? null,
    marketCapSource: marketCapUsd?.sources[0] ?? null,
    volume24hUsd: volume24hUsd?.value ?? null,
    volumeSources: volume24hUsd?.sources ?? [],
  };
}

const assetView = ({
  receivedAt,
  exchangeTime,
  derived,
  held,
  volume24hUsd,
  ...view
}: SourceView): AssetView => ({
  ...view,
  derived: derived ?? null,
  held: held ?? null,
  volume24hUsd: volume24hUsd ?? null,
  receivedAt: iso(receivedAt),
  exchangeTime: isoOrNull(exchangeTime),
});

const isoOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : iso(ms));
