import { describe, expect, it } from "vitest";
import { coingeckoExamples } from "../support/captures.ts";
import { running, shared } from "./support.ts";

const healthy = shared();

const MARKETS = "/api/v3/coins/markets?vs_currency=usd&order=market_cap_desc";

type Row = Record<string, unknown>;

async function page(rest: string, query = ""): Promise<Row[]> {
  const response = await fetch(`${rest}${MARKETS}${query}`);
  return JSON.parse(await response.text());
}

const examples = coingeckoExamples();
/** In the example, but only in answer to parameters that the gateway does not send. */
const ON_DEMAND = /^sparkline_in_7d$|_in_currency$|_with_rehypothecated$/;

describe.concurrent("the list of coins", () => {
  it.skipIf(!examples)("has the keys and types of CoinGecko's own API description", async () => {
    const [example = {}] = (examples?.["/coins/markets"]?.example ?? []) as Row[];
    const entries = Object.entries(example).filter(([key]) => !ON_DEMAND.test(key));
    for (const row of await page(healthy().coingecko.rest)) {
      expect(Object.keys(row)).toEqual(entries.map(([key]) => key));
      for (const [key, value] of entries) {
        if (row[key] !== null) expect([key, typeof row[key]]).toEqual([key, typeof value]);
      }
    }
  });

  it("writes null where CoinGecko knows too little, and never for price or volume", async ({
    onTestFinished,
  }) => {
    const { coingecko } = await running({ assets: 1000 }, onTestFinished);
    const nulls = new Set<string>();
    for (let n = 1; n <= 4; n++) {
      for (const row of await page(coingecko.rest, `&per_page=250&page=${n}`)) {
        for (const [key, value] of Object.entries(row)) if (value === null) nulls.add(key);
      }
    }
    expect([...nulls].sort()).toEqual([
      "fully_diluted_valuation",
      "market_cap_change_24h",
      "market_cap_change_percentage_24h",
      "market_cap_rank",
      "max_supply",
      "price_change_24h",
      "price_change_percentage_24h",
      "roi",
    ]);
  });

  it("uses CoinGecko's ids and lower-case symbols, the largest first, in pages", async () => {
    const { rest } = healthy().coingecko;
    const first = await page(rest);
    expect(first).toHaveLength(100);
    expect(first.slice(0, 5).map(({ id, symbol }) => [id, symbol])).toEqual([
      ["bitcoin", "btc"],
      ["ethereum", "eth"],
      ["tether", "usdt"],
      ["binancecoin", "bnb"],
      ["ripple", "xrp"],
    ]);
    expect(await page(rest, "&per_page=1000")).toHaveLength(250);
    const [third] = await page(rest, "&per_page=2&page=2");
    expect(third?.id).toBe("tether");
    expect(await page(rest, "&per_page=250&page=9")).toEqual([]);
  });

  it("tells the market's own price and turnover", async () => {
    const { coingecko, market } = healthy();
    const [bitcoin] = await page(coingecko.rest);
    expect(bitcoin?.current_price).toBeCloseTo(market.price("bitcoin") ?? 0, -4);
    expect(bitcoin?.total_volume).toBeGreaterThan(1e9);
  });

  it("answers 304 to its own ETag, and 200 to any other", async () => {
    const url = `${healthy().coingecko.rest}${MARKETS}`;
    const etag = (await fetch(url)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"/);
    const again = await fetch(url, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const other = await fetch(`${url}&page=2`, { headers: { "if-none-match": etag } });
    expect(other.status).toBe(200);
  });

  it("answers 404 elsewhere, and 422 without the currency", async () => {
    const { rest } = healthy().coingecko;
    expect((await fetch(`${rest}/api/v3/ping`)).status).toBe(404);
    expect((await fetch(`${rest}/api/v3/coins/markets`)).status).toBe(422);
  });
});

it("can be over its limit, broken, hanging, and mended", async () => {
  const { coingecko } = await running();
  const ask = () => fetch(`${coingecko.rest}${MARKETS}`, { signal: AbortSignal.timeout(200) });
  coingecko.break({ name: "limited", seconds: 30 });
  const limited = await ask();
  expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "30"]);
  coingecko.break({ name: "error" });
  expect((await ask()).status).toBe(500);
  coingecko.break({ name: "garbage" });
  await expect((await ask()).json()).rejects.toThrow(SyntaxError);
  coingecko.break({ name: "hang" });
  await expect(ask()).rejects.toThrow(/timeout/);
  coingecko.mend();
  expect((await ask()).status).toBe(200);
});
