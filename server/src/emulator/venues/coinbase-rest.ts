/** Coinbase Exchange's REST API: https://docs.cdp.coinbase.com/api-reference/exchange-api */
import { plain, trimmed } from "../decimals.ts";
import type { Pair } from "../pairs.ts";
import type { Answer, Venue } from "../venue.ts";

/** What both of Coinbase's feeds answer over HTTP. */
export const coinbaseRest = (pairs: readonly Pair[]): Pick<Venue, "answer" | "refusals"> => ({
  answer: ({ url }) =>
    url.pathname === "/products" ? { status: 200, body: pairs.map(productRow) } : undefined,
  refusals: REFUSALS,
});

const REFUSALS: Venue["refusals"] = {
  unauthorized: { status: 401, body: { message: "Unauthorized." } },
  blocked: { status: 451, body: { message: "Unavailable For Legal Reasons" } },
  limited: { status: 429, body: { message: "Public rate limit exceeded" } },
} satisfies Record<string, Answer>;

function productRow({ symbol, base, quote, decimals = 8, active }: Pair) {
  return {
    id: symbol,
    base_currency: base,
    quote_currency: quote,
    quote_increment: trimmed(plain(10 ** -decimals, decimals)),
    base_increment: "0.00000001",
    display_name: `${base}-${quote}`,
    min_market_funds: "1",
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    cancel_only: false,
    status: active ? "online" : "delisted",
    status_message: "",
    trading_disabled: !active,
    fx_stablecoin: false,
    max_slippage_percentage: "0.02000000",
    auction_mode: false,
    high_bid_limit_percentage: "",
  };
}
