/**
 * CoinCap v3, `prices` feed: https://pro.coincap.io/api-docs (needs an API key).
 * Frames rest on the documentation and on public clients; no frame was ever captured.
 */
import type { Asset, Figures, SourceEvent } from "../types.ts";
import { addTick, type Batch, bad, finite, isRecord, parseJson, positive } from "./reading.ts";
import { defineSource, type Listed } from "./source.ts";

/** Longer lists of assets would not fit an address: then everything is asked for. */
const MOST_ASSETS_NAMED = 200;

export const coincap = defineSource({
  name: "coincap",
  facts: {
    endpoint: { ws: "wss://wss.coincap.io", rest: "https://rest.coincap.io" },
    hosts: ["wss.coincap.io"],
    naming: "id",
    keyVariable: "COINCAP_API_KEY",
    silenceMs: 10_000,
    firehose: true,
  },
  connect({ endpoint, key = "", symbols, selected }) {
    const assets = selected && symbols.length <= MOST_ASSETS_NAMED ? symbols.join() : "ALL";
    const query = `assets=${assets}&apiKey=${encodeURIComponent(key)}`;
    return { url: `${endpoint.ws}/prices?${query}`, send: [] };
  },
  read(frame) {
    if (frame.startsWith("Unauthorized")) {
      return { kind: "error", message: frame.slice(0, 120), fatal: true };
    }
    const prices = parseJson(frame);
    if (prices === undefined) return bad("not_json", frame);
    if (!isRecord(prices)) return bad("wrong_type", frame);
    return isRecord(prices.data) ? readNotice(prices) : readPrices(prices);
  },
  listing: {
    url: ({ rest }, key) => `${rest}/v3/assets?limit=2000&apiKey=${encodeURIComponent(key ?? "")}`,
    read: readAssets,
    split: (id) =>
      /^[a-z0-9-]{1,64}$/.test(id) ? { symbol: id, base: id, quote: "USD" } : undefined,
    bundled: [],
    figures: true,
  },
});

/**
 * v2, which needs no key and writes the same frames. Its public address has been dead since 2025
 * (`readNotice`): it is for those who host a clone of it, named with `--endpoint`.
 */
export const coincapV2 = defineSource({
  ...coincap,
  name: "coincap-v2",
  facts: {
    endpoint: { ws: "wss://ws.coincap.io", rest: "https://api.coincap.io" },
    hosts: ["ws.coincap.io"],
    naming: "id",
    marketOf: coincap.name,
    silenceMs: 10_000,
  },
  connect: ({ endpoint }) => ({ url: `${endpoint.ws}/prices?assets=ALL`, send: [] }),
  listing: { ...coincap.listing, url: ({ rest }) => `${rest}/v2/assets?limit=2000` },
});

/** CoinCap names no time and no sequence: a price counts from its receipt. */
function readPrices(prices: Record<string, unknown>): SourceEvent {
  const batch: Batch = { ticks: [], rejected: [] };
  for (const id in prices) addTick(batch, { symbol: id }, prices[id]);
  return { kind: "ticks", ...batch };
}

/** v2 answered its shutdown notice in place of data. */
function readNotice({ data }: Record<string, unknown>): SourceEvent {
  const message = isRecord(data) && typeof data.message === "string" ? data.message : "notice";
  return { kind: "error", message: message.slice(0, 120), fatal: true };
}

function readAssets(body: unknown): Listed {
  const rows = isRecord(body) ? body.data : undefined;
  if (!Array.isArray(rows)) throw new Error("CoinCap's asset list holds no array named data");
  const assets: Asset[] = [];
  const figures = new Map<string, Figures>();
  for (const row of rows) {
    if (!isRecord(row)) continue;
    const { id, symbol, name } = row;
    if (typeof id !== "string" || typeof symbol !== "string" || typeof name !== "string") continue;
    const rank = positive(row.rank);
    assets.push({ id, symbol, name, rank: rank ?? Number.MAX_SAFE_INTEGER });
    figures.set(id, {
      rank,
      change24h: finite(row.changePercent24Hr),
      volume24hUsd: positive(row.volumeUsd24Hr),
      marketCapUsd: positive(row.marketCapUsd),
    });
  }
  const instruments = assets.map(({ id }) => ({ symbol: id, base: id, quote: "USD" }));
  return { instruments, assets, figures };
}
