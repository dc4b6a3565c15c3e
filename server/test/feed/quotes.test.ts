import { beforeEach, describe, expect, it } from "vitest";
import { createFailover, type Failover } from "../../src/feed/failover.ts";
import { createQuotes, type Pricing, type Quotes } from "../../src/feed/price/quotes.ts";
import type { Quote, Tick } from "../../src/types.ts";

const STALE_MS = 60_000;
const HOLD_MS = 20_000;
const [COINCAP, BINANCE, COINBASE] = [0, 1, 2];

let published: Quote[];
let failover: Failover;
let quotes: Quotes;

beforeEach(() => {
  published = [];
  failover = createFailover(
    ["coincap", "binance", "coinbase"],
    { failoverAfterMs: 30_000, holdMs: HOLD_MS },
    0,
    () => {},
  );
  quotes = newQuotes({ policy: "priority", minSources: 2 });
});

const newQuotes = (pricing: Pricing) =>
  createQuotes({
    ...pricing,
    sources: [
      { name: "coincap", naming: "id", market: "coincap" },
      { name: "binance", naming: "symbol", market: "binance" },
      { name: "coinbase", naming: "symbol", market: "coinbase" },
    ],
    failover,
    staleAfterMs: STALE_MS,
    listedChange: () => undefined,
    publish: (quote) => published.push(quote),
  });

/** A price of bitcoin, from a link that brings data. */
function tick(
  source: number,
  price: string,
  now: number,
  more: Partial<Tick> & { quote?: string; asset?: string } = {},
) {
  const { quote = "USD", asset = "bitcoin", ...fields } = more;
  failover.data(source, now);
  const quoteRank = ["USD", "USDT", "USDC"].indexOf(quote);
  const mapping = { asset, quote, quoteRank };
  return quotes.tick(source, mapping, { symbol: "BTC", price, ...fields }, now);
}

function sweep(now: number) {
  failover.sweep(now);
  quotes.sweep(now);
}

const last = () => published.at(-1);

describe("the last trade of a quiet pair, sent anew after a connect", () => {
  const HOUR = 3_600_000;
  const now = 10 * HOUR;

  it("is as old as its exchange says: it does not speak, and another exchange does", () => {
    tick(COINCAP, "100", now, { time: now - 20 });
    tick(COINCAP, "5", now, { asset: "obscure", time: now - 2 * HOUR });
    expect(published.map(({ asset }) => asset)).toEqual(["bitcoin"]);
    expect(quotes.views("obscure", now)).toMatchObject([
      { price: "5", receivedAt: now - 2 * HOUR + 20, stale: true },
    ]);
    tick(BINANCE, "5.1", now + 10, { asset: "obscure", time: now });
    sweep(now + 20);
    expect(last()).toMatchObject({ price: "5.1", source: "binance", receivedAt: now + 10 });
  });

  it("is told by the exchange's own clock, whatever ours says", () => {
    for (const wrong of [-3 * HOUR, 3 * HOUR]) {
      quotes.clear();
      tick(COINCAP, "100", now, { time: now + wrong });
      expect(last()).toMatchObject({ price: "100", receivedAt: now });
      tick(COINCAP, "5", now, { asset: "obscure", time: now + wrong - 2000 });
      expect(last()).toMatchObject({ price: "5", receivedAt: now });
    }
  });

  it("is not taken for old because of one time out of the future", () => {
    tick(COINCAP, "100", now, { time: now + 9000 * HOUR });
    tick(COINCAP, "5", now, { asset: "obscure", time: now - 10 });
    tick(COINCAP, "5.1", now + 20, { asset: "obscure", time: now });
    expect(last()).toMatchObject({ price: "5.1", receivedAt: now + 20 });
  });
});

describe("who speaks", () => {
  it("lets the first fresh price speak before the preferred source has brought any", () => {
    tick(BINANCE, "100", 10);
    expect(last()).toMatchObject({ price: "100", source: "binance" });
    tick(COINCAP, "101", 20);
    sweep(30);
    expect(last()).toMatchObject({ price: "101", source: "coincap" });
  });

  it("keeps the fallback warm and silent while the preferred source speaks", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "101", 10);
    sweep(20);
    expect(published).toHaveLength(1);
  });

  it("hands over with the warm price when the preferred source has been silent for 30 s", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "101", 30_000);
    sweep(30_000);
    expect(last()).toMatchObject({ source: "coincap" });
    sweep(30_001);
    expect(last()).toMatchObject({ price: "101", source: "binance", receivedAt: 30_000 });
  });

  it("does not hand over to a warm price that is stale; the next tick speaks", () => {
    tick(BINANCE, "101", 0);
    tick(COINCAP, "100", 70_000);
    sweep(70_000);
    sweep(100_001);
    expect(last()).toMatchObject({ source: "coincap" });
    tick(BINANCE, "102", 100_002);
    sweep(100_003);
    expect(last()).toMatchObject({ price: "102", source: "binance" });
  });

  it("lets nothing of a returned source out before its hold is over", () => {
    tick(COINCAP, "100", 0);
    failover.fatal(COINCAP, "401");
    for (let now = 1000; now <= 20_000; now += 1000) {
      tick(BINANCE, "101", now);
      tick(COINCAP, "100.5", now);
      sweep(now);
      expect(last()).toMatchObject({ source: "binance" });
    }
    tick(COINCAP, "100.6", 21_000);
    sweep(21_000);
    expect(last()).toMatchObject({ price: "100.6", source: "coincap" });
  });

  it("takes a single asset from a source where it is stale, and gives it back when it stays fresh", () => {
    tick(COINCAP, "100", 0);
    for (let now = 1000; now <= STALE_MS; now += 1000) {
      failover.data(COINCAP, now);
      tick(BINANCE, "101", now);
    }
    sweep(STALE_MS);
    expect(last()).toMatchObject({ source: "coincap" });
    sweep(STALE_MS + 1);
    expect(last()).toMatchObject({ source: "binance" });
    const back = STALE_MS + 1000;
    for (let now = back; now <= back + STALE_MS; now += 1000) {
      tick(COINCAP, "100", now);
      tick(BINANCE, "101", now);
      sweep(now);
      expect(last()).toMatchObject({ source: "binance" });
    }
    tick(COINCAP, "100", back + STALE_MS + 1000);
    sweep(back + STALE_MS + 1000);
    expect(last()).toMatchObject({ source: "coincap" });
  });

  it("prefers a fresh price from a source on hold to none", () => {
    tick(COINCAP, "100", 0);
    failover.fatal(COINCAP, "401");
    failover.fatal(BINANCE, "451");
    tick(BINANCE, "101", 70_000);
    sweep(70_000);
    expect(last()).toMatchObject({ source: "binance", price: "101" });
  });
});

describe("order within a source", () => {
  it("takes no older exchange time after a newer one", () => {
    tick(COINBASE, "100", 10, { time: 5000 });
    expect(tick(COINBASE, "99", 20, { time: 4999 })).toBe("out_of_order");
    expect(last()).toMatchObject({ price: "100" });
  });

  it("goes by sequence where the times are equal, and by arrival where there is neither", () => {
    tick(COINBASE, "100", 10, { time: 5000, sequence: 7 });
    expect(tick(COINBASE, "99", 20, { time: 5000, sequence: 6 })).toBe("out_of_order");
    expect(tick(COINBASE, "101", 20, { time: 5000, sequence: 8 })).toBeUndefined();
    tick(COINCAP, "100", 30);
    expect(tick(COINCAP, "101", 40)).toBeUndefined();
  });
});

describe("quotes of one asset", () => {
  it("lets the first of USD, USDT and USDC speak, and ignores the others", () => {
    tick(BINANCE, "100", 10, { quote: "USDC" });
    tick(BINANCE, "100.1", 20, { quote: "USDT" });
    expect(last()).toMatchObject({ price: "100.1", quote: "USDT" });
    expect(tick(BINANCE, "100", 30, { quote: "USDC" })).toBe("other_quote");
    expect(last()).toMatchObject({ price: "100.1", quote: "USDT" });
  });
});

describe("absurd moves", () => {
  it("are held back, and forgotten when the price returns", () => {
    tick(COINCAP, "100", 0);
    expect(tick(COINCAP, "201", 1000)).toBe("absurd_price");
    expect(tick(COINCAP, "49", 2000)).toBe("absurd_price");
    expect(tick(COINCAP, "101", 3000)).toBeUndefined();
    sweep(20_000);
    expect(published.map(({ price }) => price)).toEqual(["100", "101"]);
  });

  it("are believed after 10 s where no other source denies them", () => {
    tick(COINCAP, "100", 0);
    tick(COINCAP, "250", 1000);
    tick(COINCAP, "260", 5000);
    sweep(10_999);
    expect(last()).toMatchObject({ price: "100" });
    sweep(11_000);
    expect(last()).toMatchObject({ price: "260" });
  });

  it("are believed as soon as another source says so too", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "100", 0);
    expect(tick(COINCAP, "250", 3000)).toBe("absurd_price");
    expect(tick(BINANCE, "249", 3100)).toBeUndefined();
    expect(last()).toMatchObject({ price: "250", source: "coincap" });
    expect(quotes.unmatched()).toEqual([]);
  });

  it("are not believed, however long they last, while another source denies them", () => {
    tick(COINCAP, "100", 0);
    for (let now = 1000; now < 40_000; now += 1000) {
      tick(BINANCE, "100", now);
      expect(tick(COINCAP, "1000", now)).toBe("absurd_price");
      sweep(now);
    }
    expect(new Set(published.map(({ price }) => price))).toEqual(new Set(["100"]));
  });

  it("are not believed when the last believed price has just become stale", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "100", STALE_MS);
    expect(tick(COINCAP, "1000", STALE_MS + 1)).toBe("absurd_price");
  });

  it("of exactly a factor of two pass", () => {
    tick(COINCAP, "100", 0);
    expect(tick(COINCAP, "200", 1000)).toBeUndefined();
    expect(tick(COINCAP, "100", 2000)).toBeUndefined();
  });
});

describe("a symbol that means another coin at one source", () => {
  it("does not speak there, and is listed as unmatched", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "0.5", 10);
    expect(quotes.unmatched()).toEqual([{ asset: "bitcoin", source: "binance", price: "0.5" }]);
    failover.fatal(COINCAP, "401");
    tick(BINANCE, "0.5", 20);
    sweep(100_000);
    expect(published.every(({ source }) => source === "coincap")).toBe(true);
  });

  it("does not find a witness in another source with the same mistake", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "0.5", 10);
    tick(COINBASE, "0.5", 20);
    failover.fatal(COINCAP, "401");
    tick(BINANCE, "0.5", 30);
    sweep(40);
    expect(quotes.unmatched()).toHaveLength(2);
    expect(last()).toMatchObject({ source: "coincap" });
  });

  it("speaks once its price is within 20 % of the last known one", () => {
    tick(COINCAP, "100", 0);
    failover.fatal(COINCAP, "401");
    tick(BINANCE, "121", 10);
    sweep(20);
    expect(last()).toMatchObject({ source: "coincap" });
    tick(BINANCE, "119", 30);
    sweep(40);
    expect(last()).toMatchObject({ source: "binance", price: "119" });
  });

  it("may move by any amount where only its own last price is known", () => {
    tick(BINANCE, "100", 0);
    tick(BINANCE, "70", 1000);
    expect(last()).toMatchObject({ price: "70" });
  });
});

describe("the change over 24 hours", () => {
  it("comes from the speaking ticker, at two decimals", () => {
    tick(BINANCE, "100", 0, { open24h: "97.5" });
    expect(last()?.change24h).toBe(2.56);
  });

  it("is borrowed from a warm source where the speaking one tells none", () => {
    tick(BINANCE, "100", 0, { open24h: "80" });
    tick(COINCAP, "100", 10);
    sweep(20);
    expect(last()).toMatchObject({ source: "coincap", change24h: 25 });
  });

  it("is unknown where no source tells it", () => {
    tick(COINCAP, "100", 0);
    expect(last()?.change24h).toBeUndefined();
  });
});

describe("a quote in USDT or USDC", () => {
  it("is converted at its own tick by the live rate, and says from what", () => {
    tick(COINBASE, "0.9995", 0, { asset: "tether" });
    tick(BINANCE, "97123.41000000", 10, { quote: "USDT" });
    expect(last()).toMatchObject({
      asset: "bitcoin",
      price: "97074.848295",
      quote: "USD",
      derived: { price: "97123.41000000", quote: "USDT", rate: "0.9995" },
    });
  });

  it("stays as it was converted when the rate moves on; its next tick takes the new rate", () => {
    tick(COINBASE, "0.9995", 0, { asset: "tether" });
    tick(BINANCE, "100.000", 10, { quote: "USDT" });
    tick(COINBASE, "0.9000", 20, { asset: "tether" });
    sweep(30);
    expect(published.filter(({ asset }) => asset === "bitcoin")).toHaveLength(1);
    tick(BINANCE, "100.000", 40, { quote: "USDT" });
    expect(last()).toMatchObject({ price: "90", derived: { rate: "0.9000" } });
  });

  it("keeps its quote where no rate is fresh: never a silent 1:1", () => {
    tick(BINANCE, "100", 0, { quote: "USDT" });
    expect(last()).toMatchObject({ price: "100", quote: "USDT", derived: undefined });
    tick(COINBASE, "0.9995", 10, { asset: "tether" });
    tick(BINANCE, "100", 10 + STALE_MS, { quote: "USDT" });
    expect(last()).toMatchObject({ price: "99.95", quote: "USD" });
    tick(BINANCE, "100", 11 + STALE_MS, { quote: "USDT" });
    expect(last()).toMatchObject({ price: "100", quote: "USDT", derived: undefined });
  });

  it("is never converted by a rate that is itself converted", () => {
    tick(COINBASE, "0.9995", 0, { asset: "tether" });
    tick(BINANCE, "1.0010", 10, { asset: "usd-coin", quote: "USDT" });
    expect(last()).toMatchObject({ asset: "usd-coin", quote: "USD", price: "1.0005" });
    tick(BINANCE, "100", 20, { quote: "USDC" });
    expect(last()).toMatchObject({ price: "100", quote: "USDC" });
  });

  it("shows in the source's view what was converted, and from what", () => {
    tick(COINBASE, "0.9995", 0, { asset: "tether" });
    tick(BINANCE, "100.000", 10, { quote: "USDT" });
    expect(quotes.views("bitcoin", 20)).toMatchObject([
      { source: "binance", price: "99.95", quote: "USD", derived: { quote: "USDT" } },
    ]);
  });
});

describe("a view of a source", () => {
  it("tells a price that is held back, and one that is stale", () => {
    tick(COINCAP, "100", 0);
    tick(BINANCE, "100", STALE_MS);
    tick(BINANCE, "300", STALE_MS);
    expect(quotes.views("bitcoin", STALE_MS + 1)).toMatchObject([
      { source: "coincap", stale: true, speaking: true, held: undefined },
      { source: "binance", stale: false, speaking: false, price: "100", held: "300" },
    ]);
  });
});
