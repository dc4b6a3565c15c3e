import { describe, expect, it } from "vitest";
import rows from "../../src/sources/assets.json" with { type: "json" };
import { coincapUrl, connect, dial, getJson, running, shared, spelling } from "./support.ts";

const healthy = shared();

/** The asset of CoinCap's documentation; `explorer` came later. */
const DOCUMENTED_ASSET = {
  id: "bitcoin",
  rank: "1",
  symbol: "BTC",
  name: "Bitcoin",
  supply: "17193925.0000000000000000",
  maxSupply: "21000000.0000000000000000",
  marketCapUsd: "119150835874.4699281625807300",
  volumeUsd24Hr: "2927959461.1750323310959460",
  priceUsd: "6929.8217756835584756",
  changePercent24Hr: "-0.8101417214350335",
  vwap24Hr: "7175.0663247679233209",
  explorer: "https://blockchain.info/",
};

const PLAIN = /^\d+(\.\d+)?$/;

describe.concurrent("the prices feed", () => {
  it("sends one flat object of ids and plain decimal strings", async () => {
    const client = await connect(coincapUrl(healthy()));
    const frame = await client.json();
    expect(Object.keys(frame)).toContain("bitcoin");
    for (const [id, price] of Object.entries(frame)) {
      expect([id, price]).toEqual([id, expect.stringMatching(PLAIN)]);
    }
    expect(frame.bitcoin).toMatch(/^\d{5,6}\.\d\d$/);
  });

  it("holds only what changed, and in a while everything", async () => {
    const client = await connect(coincapUrl(healthy()));
    const seen = new Map<string, unknown>();
    const sizes: number[] = [];
    for (let frames = 0; frames < 25; frames++) {
      const frame = await client.json();
      for (const [id, price] of Object.entries(frame)) {
        expect(seen.get(id)).not.toBe(price);
        seen.set(id, price);
      }
      sizes.push(Object.keys(frame).length);
    }
    expect(Math.min(...sizes)).toBeLessThan(500);
    expect(seen.size).toBe(500);
    expect([...seen.values()].every((price) => PLAIN.test(String(price)))).toBe(true);
  });

  it("sends the assets of the query string and no others", async () => {
    const client = await connect(coincapUrl(healthy(), "bitcoin,ethereum"));
    const ids = new Set<string>();
    for (let frames = 0; frames < 5; frames++) {
      for (const id of Object.keys(await client.json())) ids.add(id);
    }
    expect([...ids].sort()).toEqual(["bitcoin", "ethereum"]);
  });

  it("takes the key as a Bearer token too", async () => {
    const { endpoints } = healthy();
    const headers = { Authorization: "Bearer demo" };
    const client = await connect(`${endpoints.coincap.ws}/prices?assets=ALL`, { headers });
    expect(await client.json()).toHaveProperty("bitcoin");
  });

  it.for(["wrong", ""])(
    "opens for the key %j, says Unauthorized in plain text and closes",
    async (key, { onTestFinished }) => {
      const emulator = await running({ coincapKey: "right" }, onTestFinished);
      const client = dial(coincapUrl(emulator, "ALL", key));
      expect(await client.next()).toMatch(/^Unauthorized/);
      await client.closed;
      expect(client.frames).toHaveLength(1);
    },
  );
});

describe.concurrent("the asset list", () => {
  it("answers in the documented shape, every number a string", async () => {
    const { endpoints } = healthy();
    const { data, timestamp } = await getJson(
      `${endpoints.coincap.rest}/v3/assets?ids=bitcoin&apiKey=demo`,
    );
    const [bitcoin] = Array.isArray(data) ? data : [];
    expect(Object.keys(bitcoin)).toEqual(Object.keys(DOCUMENTED_ASSET));
    expect(spelling({ ...bitcoin, maxSupply: bitcoin.maxSupply ?? "1" })).toEqual(
      spelling(DOCUMENTED_ASSET),
    );
    expect(timestamp).toBeGreaterThan(1.7e12);
  });

  it("writes null where the documentation says it may, and never elsewhere", async ({
    onTestFinished,
  }) => {
    const { endpoints } = await running({ assets: 2000 }, onTestFinished);
    const list = `${endpoints.coincap.rest}/v3/assets?limit=2000&apiKey=demo`;
    const { data } = await getJson(list);
    const nulls = new Set<string>();
    for (const asset of Array.isArray(data) ? data : []) {
      for (const [key, value] of Object.entries(asset)) if (value === null) nulls.add(key);
      expect(asset.priceUsd).toMatch(PLAIN);
    }
    expect([...nulls].sort()).toEqual(["changePercent24Hr", "explorer", "maxSupply", "vwap24Hr"]);
  });

  it("pages by limit and offset, and finds by ids and search", async () => {
    const { endpoints } = healthy();
    const ids = async (query: string) => {
      const { data } = await getJson(`${endpoints.coincap.rest}/v3/assets?apiKey=demo&${query}`);
      return (Array.isArray(data) ? data : []).map((asset) => asset.id);
    };
    expect(await ids("")).toHaveLength(100);
    expect(await ids("limit=2000")).toHaveLength(500);
    expect(await ids("limit=3&offset=1")).toEqual(rows.slice(1, 4).map(([id]) => id));
    expect(await ids("ids=ethereum,bitcoin")).toEqual(["bitcoin", "ethereum"]);
    expect(await ids("search=doge")).toContain("dogecoin");
  });

  it("answers 403 without the key", async () => {
    const { endpoints } = healthy();
    const list = `${endpoints.coincap.rest}/v3/assets`;
    expect((await fetch(list)).status).toBe(403);
    expect((await fetch(`${list}?apiKey=wrong`)).status).toBe(403);
    const headers = { Authorization: "Bearer demo" };
    expect((await fetch(list, { headers })).status).toBe(200);
  });
});
