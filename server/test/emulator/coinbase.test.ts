import { describe, expect, it } from "vitest";
import { capture, capturedLines } from "../support/captures.ts";
import { coinbaseClient, connect, getJson, pause, running, shared, spelling } from "./support.ts";

const healthy = shared();

const captured = capture("COINBASE");

/** In the documentation, and newer than the captured frames of 2021. */
const NEWER_KEYS = ["best_bid_size", "best_ask_size"];

/** The documentation's heartbeat; none was captured. */
const DOCUMENTED_HEARTBEAT = {
  type: "heartbeat",
  sequence: 90,
  last_trade_id: 20,
  product_id: "BTC-USD",
  time: "2014-11-07T08:19:28.464459Z",
};

/** Trailing zeros after the point. */
const UNTRIMMED = /\.\d*0$/;

type Row = Record<string, unknown>;

describe.skipIf(!captured.exists)("held against captured frames", { concurrent: true }, () => {
  const frames: Row[] = captured.exists
    ? capturedLines(captured.file)
        .filter(({ dir }) => dir === "in")
        .map(({ raw }) => JSON.parse(raw))
    : [];
  const ofType = (type: string) => frames.filter((frame) => frame.type === type);

  const emulated = async (type: string, channel: string, count: number) => {
    const emulator = healthy();
    const list = await getJson(`${emulator.endpoints.coinbase.rest}/products`);
    const online: Row[] = Object.values(list)
      .map(Object)
      .filter((row) => row.status === "online");
    const client = await coinbaseClient(
      emulator,
      online.map(({ id }) => String(id)),
      [channel],
    );
    const rows: Row[] = [];
    while (rows.length < count) rows.push(await client.json(`"type":"${type}"`));
    return rows;
  };

  it.each([
    ["ticker", "ticker"],
    ["match", "matches"],
    ["last_match", "matches"],
  ])("a %s has the same keys in the same order, each spelled the same", async (type, channel) => {
    const shapes = new Set(ofType(type).map((frame) => JSON.stringify(spelling(frame))));
    expect(shapes.size).toBe(1);
    for (const row of await emulated(type, channel, 300)) {
      const older = Object.fromEntries(
        Object.entries(row).filter(([key]) => !NEWER_KEYS.includes(key)),
      );
      expect([...shapes]).toContain(JSON.stringify(spelling(older)));
    }
  });

  it("a ticker trims and pads its numbers like the captured ones", async () => {
    for (const row of [...ofType("ticker"), ...(await emulated("ticker", "ticker", 300))]) {
      for (const key of ["price", "open_24h", "low_24h", "high_24h", "last_size"]) {
        expect(row[key]).not.toMatch(UNTRIMMED);
      }
      for (const key of ["volume_24h", "volume_30d"]) expect(row[key]).toMatch(/\.\d{8}$/);
      const decimals = (key: string) => String(row[key]).split(".")[1]?.length;
      expect(decimals("best_bid")).toBe(decimals("best_ask"));
    }
  });

  it("a confirmation has the same shape, apart from account_ids, which is newer", async () => {
    const client = await coinbaseClient(healthy());
    const { type, channels } = await client.json();
    const older = Object.values(Object(channels)).map((channel) => {
      const { account_ids, ...rest } = Object(channel);
      expect(account_ids).toBeNull();
      return rest;
    });
    const [first] = ofType("subscriptions");
    expect(spelling({ type, channels: older })).toEqual(spelling(first));
  });
});

describe.concurrent("subscribing", () => {
  it("confirms, then sends the last trade of each product, then one ticker per trade", async () => {
    const client = await coinbaseClient(healthy(), ["BTC-USD", "ETH-USD"], ["ticker"]);
    const first = [await client.json(), await client.json(), await client.json()];
    expect(first.map(({ type, product_id }) => product_id ?? type)).toEqual([
      "subscriptions",
      "BTC-USD",
      "ETH-USD",
    ]);
    let { sequence, trade_id } = first[1] ?? {};
    for (let n = 0; n < 5; n++) {
      const ticker = await client.json('"BTC-USD"');
      expect(ticker.sequence).toBeGreaterThan(Number(sequence));
      expect(ticker.trade_id).toBe(Number(trade_id) + 1);
      ({ sequence, trade_id } = ticker);
    }
  });

  it("takes products per channel too, and answers with all that is held", async () => {
    const client = await coinbaseClient(healthy(), ["BTC-USD"], ["heartbeat"]);
    await client.next("subscriptions");
    client.send({ type: "subscribe", channels: [{ name: "ticker", product_ids: ["ETH-USD"] }] });
    expect(await client.json("subscriptions")).toEqual({
      type: "subscriptions",
      channels: [
        { name: "heartbeat", product_ids: ["BTC-USD"], account_ids: null },
        { name: "ticker", product_ids: ["ETH-USD"], account_ids: null },
      ],
    });
  });

  it("confirms ticker_batch as ticker_1000, whose frames are tickers", async ({
    onTestFinished,
  }) => {
    const emulator = await running({ timing: { batchMs: 60 } }, onTestFinished);
    const client = await coinbaseClient(emulator, ["BTC-USD"], ["ticker_batch"]);
    expect(await client.json()).toMatchObject({ channels: [{ name: "ticker_1000" }] });
    const ids: number[] = [];
    while (ids.length < 5) ids.push(Number((await client.json('"type":"ticker"')).trade_id));
    const steps = ids.slice(1).map((id, n) => id - (ids[n] ?? id));
    expect(Math.max(...steps)).toBeGreaterThan(1);
  });

  it("sends a heartbeat a second for each product, in the documented shape", async ({
    onTestFinished,
  }) => {
    const emulator = await running({ timing: { heartbeatMs: 50 } }, onTestFinished);
    const client = await coinbaseClient(emulator, ["BTC-USD"], ["heartbeat"]);
    const beat = await client.json('"type":"heartbeat"');
    expect(Object.keys(beat).sort()).toEqual(Object.keys(DOCUMENTED_HEARTBEAT).sort());
    expect(spelling(beat)).toEqual(spelling(DOCUMENTED_HEARTBEAT));
  });

  it("is refused as a whole for one bad product, with a reason for each", async () => {
    const client = await coinbaseClient(healthy(), ["BTC-USD", "NOPE-USD", "BTC-DAI"]);
    expect(await client.next()).toBe(
      '{"type":"error","message":"Failed to subscribe","reason":"NOPE-USD is not a valid product"}',
    );
    expect(await client.json()).toMatchObject({ type: "error", reason: "BTC-DAI is delisted" });
    await pause(100);
    expect(client.frames).toHaveLength(2);
  });

  it.each([
    [
      { type: "subscribe", product_ids: ["BTC-USD"], channels: ["level2"] },
      /require authentication/,
    ],
    [{ type: "subscribe", product_ids: ["BTC-USD"], channels: ["nope"] }, /not a valid channel/],
    [{ type: "subscribe", product_ids: ["BTC-USD"] }, /No channels provided/],
    [{ type: "subscribe", channels: ["ticker"] }, /at least one product ID for channel ticker/],
    ["{", /Malformed JSON/],
    [{ type: "hello" }, /Type has to be/],
  ])("is refused for %j", async (message, reason) => {
    const { endpoints } = healthy();
    const client = await connect(endpoints.coinbase.ws);
    client.send(message);
    expect(await client.next()).toMatch(reason);
  });

  it("ends by product or by channel", async () => {
    const client = await coinbaseClient(healthy(), ["BTC-USD", "ETH-USD"]);
    await client.next("subscriptions");
    client.send({ type: "unsubscribe", channels: ["heartbeat"] });
    expect(await client.next("subscriptions")).not.toContain("heartbeat");
    client.send({ type: "unsubscribe", product_ids: ["ETH-USD"], channels: ["ticker"] });
    expect(await client.json("subscriptions")).toMatchObject({
      channels: [{ name: "ticker", product_ids: ["BTC-USD"] }],
    });
    const before = client.frames.length;
    await pause(100);
    expect(client.frames.slice(before).some(({ text }) => text.includes("ETH-USD"))).toBe(false);
  });

  it("must happen in time, or the connection is dropped", async ({ onTestFinished }) => {
    const emulator = await running({ timing: { subscribeWithinMs: 300 } }, onTestFinished);
    const subscribed = await coinbaseClient(emulator);
    const idle = await connect(emulator.endpoints.coinbase.ws);
    expect((await idle.closed).code).toBe(1006);
    await pause(50);
    expect(subscribed.socket.readyState).toBe(subscribed.socket.OPEN);
  });
});

it("lists its products, the delisted ones too", async () => {
  const { endpoints } = healthy();
  const products: Row[] = Object.values(await getJson(`${endpoints.coinbase.rest}/products`)).map(
    Object,
  );
  const find = (id: string) => products.find((row) => row.id === id);
  expect(find("BTC-USD")).toMatchObject({
    base_currency: "BTC",
    quote_currency: "USD",
    quote_increment: "0.01",
    status: "online",
    trading_disabled: false,
  });
  expect(find("BTC-DAI")).toMatchObject({ status: "delisted", trading_disabled: true });
  expect(new Set(products.map((row) => row.quote_currency))).toEqual(
    new Set(["USD", "USDT", "EUR", "GBP", "BTC", "DAI"]),
  );
});
