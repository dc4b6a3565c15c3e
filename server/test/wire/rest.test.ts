import type { AssetPriceResponse, PricesResponse } from "@cryptovault/price-stream/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Edge, startEdge } from "../support/edge.ts";

let edge: Edge;

beforeEach(async () => {
  edge = await startEdge();
  edge.put("bitcoin", "97000.5");
  edge.put("ethereum", "3000");
  edge.put("dogecoin", "0.1");
});
afterEach(() => edge.close());

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${edge.url}${path}`, { headers });
const prices = async (query = ""): Promise<PricesResponse> =>
  JSON.parse(await (await ask(`/api/prices${query}`)).text());
const ids = ({ assets }: PricesResponse) => assets.map(({ id }) => id).sort();

describe("GET /api/prices", () => {
  it("names its state in a weak ETag, and answers 304 without a body while that stays", async () => {
    const first = await ask("/api/prices");
    expect(first.headers.get("etag")).toBe('W/"e1:3"');
    expect(first.headers.get("cache-control")).toBe("no-cache");
    for (const known of ['W/"e1:3"', '"e1:3"', '"other", W/"e1:3"', "*"]) {
      const again = await ask("/api/prices", { "if-none-match": known });
      expect([again.status, await again.text()]).toEqual([304, ""]);
      expect(again.headers.get("etag")).toBe('W/"e1:3"');
    }
    edge.put("bitcoin", "97001");
    edge.pass(100);
    const changed = await ask("/api/prices", { "if-none-match": 'W/"e1:3"' });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, 'W/"e1:4"']);
    expect((await ask("/api/prices", { "if-none-match": 'W/"e0:4"' })).status).toBe(200);
  });

  it("is made once for all who ask within a tenth of a second", async () => {
    let made = 0;
    const { since } = edge.book;
    edge.book.since = (...args) => {
      made++;
      return since(...args);
    };
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () => (await ask("/api/prices")).text()),
    );
    expect(new Set(texts).size).toBe(1);
    expect(made).toBe(1);
    edge.pass(100);
    await ask("/api/prices");
    expect(made).toBe(2);
  });

  it("names the state of the assets that were asked for, delisted ones among them", async () => {
    const tagOf = async () => (await ask("/api/prices?assets=BTC,dogecoin")).headers.get("etag");
    expect(await tagOf()).toBe('W/"e1:3"');
    edge.put("ethereum", "3001");
    expect(await tagOf()).toBe('W/"e1:3"');
    edge.delist("dogecoin");
    expect(await tagOf()).not.toBe('W/"e1:3"');
  });

  it.each([
    ["more names than a subscription may have", Array(51).fill("BTC").join(), "too_many_assets"],
    ["a name that is none", "x".repeat(65), "bad_assets"],
  ])("refuses %s", async (_what, assets, code) => {
    const answer = await ask(`/api/prices?assets=${assets}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  it.each([
    ["/nowhere", "GET", 404, "no_such_route"],
    ["/api/prices", "POST", 404, "no_such_route"],
    ["/api/prices/%E0%A4%A", "GET", 400, "bad_request"],
  ])(
    "tells who asks for %s by %s what is there, in the form of all errors",
    async (path, method, status, code) => {
      const answer = await fetch(`${edge.url}${path}`, { method });
      expect(answer.status).toBe(status);
      const error = { code, message: expect.any(String), hint: expect.any(String) };
      expect(await answer.json()).toEqual({ error });
    },
  );

  it("keeps to the ETag when a price is only told again, and shows its new time to who asks", async () => {
    edge.pass(5000);
    edge.put("bitcoin", "97000.5");
    const answer = await ask("/api/prices");
    expect(answer.headers.get("etag")).toBe('W/"e1:3"');
    const { assets }: PricesResponse = JSON.parse(await answer.text());
    const bitcoin = assets.find(({ id }) => id === "bitcoin");
    expect(bitcoin?.receivedAt).toBe(new Date(edge.now()).toISOString());
  });

  it("tells times, not ages", async () => {
    const { timestamp, assets } = await prices();
    for (const time of [timestamp, ...assets.map(({ receivedAt }) => receivedAt)]) {
      expect(time).toBe(new Date(edge.now()).toISOString());
    }
  });

  it("answers since a position with what changed, and what is priced no more", async () => {
    const { epoch, seq } = await prices();
    expect(await prices(`?since=${epoch}:${seq}`)).toMatchObject({ seq, assets: [], removed: [] });
    edge.put("ethereum", "3001");
    edge.delist("dogecoin");
    const changed = await prices(`?since=${epoch}:${seq}`);
    expect(ids(changed)).toEqual(["ethereum"]);
    expect(changed.removed).toEqual(["dogecoin"]);
    const { seq: next } = changed;
    expect(await prices(`?since=${epoch}:${next}`)).toMatchObject({ assets: [], removed: [] });
  });

  it.each(["e0:2", "e1:0", "e1:99"])(
    "answers the whole, without saying what is gone, since %s, which is no position of its own",
    async (since) => {
      edge.delist("dogecoin");
      const whole = await prices(`?since=${since}`);
      expect(ids(whole)).toEqual(["bitcoin", "ethereum"]);
      expect(whole).not.toHaveProperty("removed");
    },
  );

  it("restricts itself to some assets, by id or symbol, and says which names it does not know", async () => {
    const some = await prices("?assets=btc,ethereum,nothing");
    expect(ids(some)).toEqual(["bitcoin", "ethereum"]);
    expect(some.unknown).toEqual(["nothing"]);
    expect(await prices("?assets=BTC&assets=ETH")).not.toHaveProperty("unknown");
    edge.put("bitcoin", "1");
    edge.put("solana", "2");
    expect(ids(await prices("?assets=BTC,ETH&since=e1:3"))).toEqual(["bitcoin"]);
  });

  it.each([
    ["since=", "bad_since"],
    ["since=3", "bad_since"],
    ["since=e1:-3", "bad_since"],
    ["since=e1:3.5", "bad_since"],
    ["since=e1:99999999999999999999", "bad_since"],
    ["since=e1:1&since=e1:2", "bad_since"],
    ["assets=", "bad_assets"],
    ["assets=bitcoin,,ETH", "bad_assets"],
  ])("answers ?%s with 400 %s and what to send instead", async (query, code) => {
    const answer = await ask(`/api/prices?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("etag")).toBeNull();
    const { error } = JSON.parse(await answer.text());
    expect(error).toEqual({
      code,
      message: expect.any(String),
      hint: expect.stringMatching(/^Send /),
    });
  });
});

describe("GET /api/prices/{asset}", () => {
  it("names the state of its asset alone, and answers 304 while that stays", async () => {
    const first = await ask("/api/prices/ETH");
    expect(first.headers.get("etag")).toBe('W/"e1:2"');
    edge.put("bitcoin", "97001");
    const again = await ask("/api/prices/ETH", { "if-none-match": 'W/"e1:2"' });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    edge.put("ethereum", "3001");
    const changed = await ask("/api/prices/ETH", { "if-none-match": 'W/"e1:2"' });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, 'W/"e1:5"']);
  });

  it("has no ETag for an asset that has no price yet", async () => {
    const answer = await ask("/api/prices/SOL", { "if-none-match": "*" });
    expect([answer.status, answer.headers.get("etag")]).toEqual([200, null]);
    const body: AssetPriceResponse = JSON.parse(await answer.text());
    expect(body).toMatchObject({ id: "solana", price: null, stale: true });
  });
});
