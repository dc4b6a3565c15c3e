/**
 * CoinGecko's list of coins by market capitalisation:
 * https://docs.coingecko.com/reference/coins-markets
 * The body of its errors rests on no documentation.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../clock.ts";
import { respond } from "./answers.ts";
import type { Market } from "./market.ts";
import { lot } from "./random.ts";
import { type MarketAsset, supplyOf } from "./universe.ts";

/** What can be wrong with it. `limited`: HTTP 429, `seconds` is its Retry-After. */
export type RestFault =
  | { name: "hang" | "garbage" | "error" }
  | { name: "limited"; seconds: number };

/** Its numbers are renewed this often, ms; an ETag holds for as long. */
const CACHE_MS = 60_000;

/** CoinGecko's ids, where they are not CoinCap's. */
const IDS: Record<string, string> = {
  "binance-coin": "binancecoin",
  xrp: "ripple",
  avalanche: "avalanche-2",
  "near-protocol": "near",
  polygon: "matic-network",
  toncoin: "the-open-network",
  steth: "staked-ether",
  "unus-sed-leo": "leo-token",
};

export type Coingecko = ReturnType<typeof createCoingecko>;

/** Answers requests, and takes faults as the exchanges do; it has no sockets to go wrong. */
export function createCoingecko(market: Market, clock: Clock) {
  let fault: RestFault | undefined;
  let pages = new Map<string, { body: string; etag: string }>();
  let since = Number.NEGATIVE_INFINITY;

  const pageOf = ({ search, searchParams }: URL) => {
    if (clock.now() - since >= CACHE_MS) {
      pages = new Map();
      since = clock.now();
    }
    const known = pages.get(search);
    if (known) return known;
    const size = Math.min(250, Number(searchParams.get("per_page") ?? 100));
    const from = (Number(searchParams.get("page") ?? 1) - 1) * size;
    const rows = market.assets.slice(from, from + size).map((asset) => row(market, asset, since));
    const body = JSON.stringify(rows);
    const etag = `W/"${createHash("sha1").update(body).digest("hex")}"`;
    pages.set(search, { body, etag });
    return { body, etag };
  };

  const answer = (url: URL, request: IncomingMessage, response: ServerResponse) => {
    const { body, etag } = pageOf(url);
    if (request.headers["if-none-match"] === etag) response.writeHead(304, { ETag: etag }).end();
    else response.writeHead(200, { "Content-Type": "application/json", ETag: etag }).end(body);
  };

  return {
    request(url: URL, request: IncomingMessage, response: ServerResponse) {
      if (fault?.name === "hang") return;
      if (fault?.name === "limited") {
        respond(response, { ...failure(429, "Rate limit exceeded"), retryAfter: fault.seconds });
      } else if (fault?.name === "error") respond(response, failure(500, "Internal error"));
      else if (fault?.name === "garbage") response.end('[{"id":"bitcoin","market_cap":');
      else if (url.pathname !== "/api/v3/coins/markets")
        respond(response, failure(404, "Not found"));
      else if (url.searchParams.get("vs_currency") !== "usd") {
        respond(response, failure(422, "Missing parameter vs_currency"));
      } else answer(url, request, response);
    },
    break(next: RestFault) {
      fault = next;
    },
    mend() {
      fault = undefined;
    },
  };
}

const failure = (status: number, message: string) => ({
  status,
  body: { status: { error_code: status, error_message: message } },
});

function row(market: Market, asset: MarketAsset, now: number) {
  const { id, symbol, name, rank, typical, madeUp } = asset;
  const price = market.price(id) ?? typical;
  const day = market.day(id) ?? { open: price, high: price, low: price, turnover: 0 };
  const supply = supplyOf(asset);
  const capped = lot(`max ${id}`) < 0.5;
  const [ath, atl] = [day.high * 1.6, day.low / 20];
  // Where CoinGecko knows too little of a coin it writes null; some made-up ones play that part.
  const obscure = madeUp && lot(`known ${id}`) < 0.05;
  return {
    id: IDS[id] ?? id,
    symbol: symbol.toLowerCase(),
    name,
    image: `https://images.example/${id}.png`,
    current_price: price,
    market_cap: obscure ? 0 : supply * price,
    market_cap_rank: obscure ? null : rank,
    fully_diluted_valuation: capped ? supply * 1.05 * price : null,
    total_volume: day.turnover,
    high_24h: day.high,
    low_24h: day.low,
    price_change_24h: obscure ? null : price - day.open,
    price_change_percentage_24h: obscure ? null : percent(price, day.open),
    market_cap_change_24h: obscure ? null : supply * (price - day.open),
    market_cap_change_percentage_24h: obscure ? null : percent(price, day.open),
    circulating_supply: supply,
    total_supply: supply,
    max_supply: capped ? supply * 1.05 : null,
    ath,
    ath_change_percentage: percent(price, ath),
    ath_date: "2025-10-06T18:57:42.558Z",
    atl,
    atl_change_percentage: percent(price, atl),
    atl_date: "2013-07-06T00:00:00.000Z",
    roi: null,
    last_updated: new Date(now).toISOString(),
  };
}

/** How far `price` is from `other`, in percent, at five decimals. */
const percent = (price: number, other: number): number =>
  Number(((price / other - 1) * 100).toFixed(5));
