/**
 * Binance's instrument list:
 * https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md#exchange-information
 */
import { plain } from "../decimals.ts";
import type { Pair } from "../pairs.ts";
import type { Answer } from "../venue.ts";

const INVALID_SYMBOL: Answer = { status: 400, body: { code: -1121, msg: "Invalid symbol." } };

/** `?symbol=`, `?symbols=["A","B"]` or `?symbolStatus=`, or everything. */
export function exchangeInfo(
  pairs: readonly Pair[],
  query: URLSearchParams,
  serverTime: number,
): Answer {
  const wanted = [...query.getAll("symbol"), ...(query.get("symbols")?.match(/\w+/g) ?? [])];
  const status = query.get("symbolStatus");
  const withSets = query.get("showPermissionSets") !== "false";
  const found = pairs.filter(
    (pair) =>
      (wanted.length === 0 || wanted.includes(pair.symbol)) &&
      (status === null || statusOf(pair) === status),
  );
  if (found.length < wanted.length) return INVALID_SYMBOL;
  const symbols = found.map((pair) => ({
    ...row(pair),
    permissionSets: withSets ? [["SPOT"]] : [],
  }));
  return {
    status: 200,
    body: { timezone: "UTC", serverTime, rateLimits: RATE_LIMITS, exchangeFilters: [], symbols },
  };
}

const statusOf = ({ active }: Pair) => (active ? "TRADING" : "BREAK");

const RATE_LIMITS = [
  { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 6000 },
  { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 100 },
  { rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: 200000 },
  { rateLimitType: "RAW_REQUESTS", interval: "MINUTE", intervalNum: 5, limit: 61000 },
];

function row(pair: Pair) {
  const tick = plain(10 ** -(pair.decimals ?? 8), 8);
  return {
    symbol: pair.symbol,
    status: statusOf(pair),
    baseAsset: pair.base,
    baseAssetPrecision: 8,
    quoteAsset: pair.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    isSpotTradingAllowed: pair.active,
    isMarginTradingAllowed: false,
    filters: [
      {
        filterType: "PRICE_FILTER",
        minPrice: tick,
        maxPrice: "10000000.00000000",
        tickSize: tick,
      },
    ],
    permissions: [],
    defaultSelfTradePreventionMode: "EXPIRE_MAKER",
    allowedSelfTradePreventionModes: ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
  };
}
