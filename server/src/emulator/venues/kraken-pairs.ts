/** Kraken's list of pairs: https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs */
import { plain } from "../decimals.ts";
import type { Pair } from "../pairs.ts";

/** The old codes that the REST API keeps, where v2 has new ones. */
const OLD_CODES: ReadonlyMap<string, string> = new Map([
  ["BTC", "XBT"],
  ["DOGE", "XDG"],
]);

/** Assets of the first years have a letter before their code: X is a coin, Z a currency. */
const CLASSED: ReadonlyMap<string, string> = new Map([
  ...["XBT", "XDG", "ETH", "XRP", "LTC", "XLM", "XMR"].map((code) => [code, `X${code}`] as const),
  ...["USD", "EUR", "GBP"].map((code) => [code, `Z${code}`] as const),
]);

/** The `result` of `/0/public/AssetPairs`: an object, not an array. */
export const assetPairs = (pairs: readonly Pair[]): Record<string, object> =>
  Object.fromEntries(pairs.map(assetPair));

function assetPair(pair: Pair): [key: string, row: object] {
  const { decimals = 8, active } = pair;
  const [base, quote] = [oldCode(pair.base), oldCode(pair.quote)];
  const [classedBase, classedQuote] = [CLASSED.get(base), CLASSED.get(quote)];
  const altname = `${base}${quote}`;
  // XDGUSD is the one that was renamed.
  const isClassed = classedBase && classedQuote && base !== "XDG";
  const row = {
    altname,
    wsname: `${base}/${quote}`,
    aclass_base: "currency",
    base: classedBase ?? base,
    aclass_quote: "currency",
    quote: classedQuote ?? quote,
    lot: "unit",
    cost_decimals: 5,
    pair_decimals: decimals,
    lot_decimals: 8,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    fee_volume_currency: "ZUSD",
    margin_call: 80,
    margin_stop: 40,
    ordermin: "0.00005",
    costmin: "0.5",
    tick_size: plain(10 ** -decimals, decimals),
    status: active ? "online" : "cancel_only",
  };
  return [isClassed ? `${classedBase}${classedQuote}` : altname, row];
}

const oldCode = (code: string): string => OLD_CODES.get(code) ?? code;
