import { describe, expect, it } from "vitest";
import { coinbaseAdvanced } from "../sources/cases/coinbase-advanced.ts";
import { type Client, connect, getJson, pause, running, shared, spelling } from "./support.ts";

const healthy = shared();

async function subscribed(
  emulator = healthy(),
  products = ["BTC-USD", "ETH-USD"],
  channels = ["ticker"],
): Promise<Client> {
  const client = await connect(emulator.endpoints["coinbase-advanced"].ws);
  for (const channel of channels) {
    client.send({ type: "subscribe", product_ids: products, channel });
  }
  return client;
}

const HELD = '"channel":"subscriptions"';
const UPDATE = '"type":"update"';

/** The documented frame of a channel. */
const documented = (channel: string) => {
  const { frame = "" } =
    coinbaseAdvanced.documented.find((row) => row.frame.includes(channel)) ?? {};
  return JSON.parse(frame);
};

const eventOf = (frame: Record<string, unknown>) => Object(Object(frame.events)[0]);

describe.concurrent("subscribing", () => {
  it("sends the last price of each product, then says what is held, then one ticker per trade", async () => {
    const client = await subscribed();
    const snapshot = eventOf(await client.json());
    expect(snapshot.type).toBe("snapshot");
    expect(Object.values(snapshot.tickers).map((row) => Object(row).product_id)).toEqual([
      "BTC-USD",
      "ETH-USD",
    ]);
    expect(eventOf(await client.json(HELD))).toEqual({
      subscriptions: { ticker: ["BTC-USD", "ETH-USD"] },
    });
    expect(eventOf(await client.json(UPDATE)).tickers).toHaveLength(1);
  });

  it("sends tickers and heartbeats with the documented keys, each spelled as documented", async ({
    onTestFinished,
  }) => {
    const emulator = await running({ timing: { heartbeatMs: 50 } }, onTestFinished);
    const client = await subscribed(emulator, ["BTC-USD"], ["heartbeats", "ticker"]);
    const ticker = Object(eventOf(await client.json('"type":"ticker"')).tickers)[0];
    const expected = Object(eventOf(documented("best_bid")).tickers)[0];
    expect(Object.keys(ticker).sort()).toEqual(Object.keys(expected).sort());
    expect(spelling(ticker)).toEqual(spelling(expected));
    const beat = eventOf(await client.json("heartbeat_counter"));
    expect(spelling(beat)).toEqual(spelling(eventOf(documented("heartbeat_counter"))));
    expect(beat.current_time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* \+0000 UTC m=\+/);
  });

  it("counts the messages of each connection from 0, whatever their channel", async () => {
    const client = await subscribed(healthy(), ["BTC-USD"], ["heartbeats", "ticker"]);
    for (let n = 0; n < 8; n++) {
      const { sequence_num, timestamp } = await client.json();
      expect(sequence_num).toBe(n);
      expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
    }
  });

  it("leaves out what it does not know without a word, and answers USDC products as USD", async () => {
    const client = await subscribed(healthy(), ["NOPE-USD", "BTC-DAI", "BTC-USDC"]);
    expect(eventOf(await client.json(HELD))).toEqual({ subscriptions: { ticker: ["BTC-USD"] } });
    expect(await client.next(UPDATE)).toContain('"product_id":"BTC-USD"');
  });

  it.each(["level3", ["ticker"], undefined])(
    "to the channel %j fails for want of a key",
    async (channel) => {
      const client = await connect(healthy().endpoints["coinbase-advanced"].ws);
      client.send({ type: "subscribe", product_ids: ["BTC-USD"], channel });
      expect(await client.next()).toBe('{"type":"error","message":"authentication failure"}');
    },
  );

  it("ends by channel and product", async () => {
    const client = await subscribed(healthy(), ["BTC-USD", "ETH-USD"], ["heartbeats", "ticker"]);
    await client.next("ETH-USD");
    client.send({ type: "unsubscribe", channel: "heartbeats" });
    client.send({ type: "unsubscribe", channel: "ticker", product_ids: ["BTC-USD"] });
    await client.next('{"subscriptions":{"ticker":["ETH-USD"]}}');
  });
});

describe.concurrent("a connection", () => {
  it("is dropped where nobody subscribes in time", async ({ onTestFinished }) => {
    const emulator = await running({ timing: { subscribeWithinMs: 200 } }, onTestFinished);
    const idle = await connect(emulator.endpoints["coinbase-advanced"].ws);
    expect((await idle.closed).code).toBe(1006);
  });

  it("that has nothing to tell is closed after a while, unless it holds heartbeats", async ({
    onTestFinished,
  }) => {
    const timing = { quietMs: 250, heartbeatMs: 50 };
    const emulator = await running({ timing }, onTestFinished);
    const quiet = await subscribed(emulator, ["NOPE-USD"]);
    const kept = await subscribed(emulator, ["NOPE-USD"], ["ticker", "heartbeats"]);
    expect((await quiet.closed).code).toBe(1000);
    await pause(100);
    expect(kept.socket.readyState).toBe(kept.socket.OPEN);
  });
});

it("lists the products of Coinbase Exchange", async () => {
  const { endpoints } = healthy();
  const products = (rest: string) => getJson(`${rest}/products`);
  expect(await products(endpoints["coinbase-advanced"].rest)).toEqual(
    await products(endpoints.coinbase.rest),
  );
});
