import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, type Message, ofType, sleep, until } from "../support/client.ts";
import { coincapLeads, type Rig, recordedLog, startRig } from "../support/gateway.ts";

let rig: Rig;
let port: number;
const { log, messages: logged } = recordedLog();

beforeAll(async () => {
  rig = await startRig({ log });
  port = rig.gateway.port;
  await until(() => coincapLeads(rig), 10_000);
});
afterAll(() => rig.close());

const get = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const body = await response.json();
  return { status: response.status, body: JSON.parse(JSON.stringify(body)) };
};

const updates = (messages: Message[]) => messages.filter(ofType("price_update"));

describe("/ws/prices", () => {
  it("starts its loop with the first client and stops it with the last", async () => {
    await expect.poll(() => rig.gateway.health().hub.loops).toBe(0);
    const client = await connect(port);
    await client.next(ofType("price_update"));
    const { body } = await get("/stats");
    expect(body).toMatchObject({ clients: 1, loops: 1, groups: 1 });
    client.close();
    await expect.poll(() => rig.gateway.health().hub).toMatchObject({ clients: 0, loops: 0 });
    expect(logged).toEqual(
      expect.arrayContaining([
        "Real-time price stream service started",
        "Connected to coincap",
        "Starting WebSocket broadcast loop",
        "WebSocket connected (total: 1)",
        "Broadcasted prices to 1 clients",
        "Stopped WebSocket broadcast loop",
      ]),
    );
  });

  it("gives one client, then a hundred, a hello and then full prices every second", async () => {
    const clients = [await connect(port)];
    await clients[0]?.next(ofType("price_update"));
    const known = rig.gateway.health().book.assets;
    const before = rig.gateway.health().hub;
    clients.push(...(await Promise.all(Array.from({ length: 99 }, () => connect(port)))));
    await sleep(4200);
    const after = rig.gateway.health().hub;
    for (const { messages } of clients) {
      expect(messages[0]).toMatchObject({
        type: "connection",
        status: "connected",
        message: "Connected to price stream",
        demo: true,
      });
      const prices = updates(messages);
      expect(prices.length).toBeGreaterThanOrEqual(4);
      // One may come late where the machine is busy; the beat goes on as before.
      const gaps = prices
        .slice(1)
        .map(({ receivedAt }, i) => receivedAt - (prices[i]?.receivedAt ?? 0));
      const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
      expect(median).toBeGreaterThan(800);
      expect(median).toBeLessThan(1200);
      for (const { prices: map } of prices) {
        expect(Object.keys(map as object).length).toBeGreaterThanOrEqual(known);
      }
    }
    // A hundred clients get their second's prices out of one and the same broadcast.
    expect(after.clients).toBe(100);
    expect(after.frames - before.frames).toBeGreaterThan(380);
    expect(after.broadcasts - before.broadcasts).toBeLessThanOrEqual(6);
    for (const client of clients) client.close();
  });

  it("sends prices exactly as the exchange wrote them, labelled as demo", async () => {
    const client = await connect(port);
    const update = await client.next(ofType("price_update"));
    expect(update).toMatchObject({ demo: true, stale: [], source: "coincap" });
    for (const price of Object.values(update.prices as object))
      expect(price).toMatch(/^\d+(\.\d+)?$/);
    const [asset, price] = Object.entries(update.prices as Record<string, string>)[0] ?? [];
    expect(rig.quotes.some((quote) => quote.asset === asset && quote.price === price)).toBe(true);
    client.close();
  });

  it("sends its status every ten seconds", async () => {
    const client = await connect(port);
    const status = await client.next(ofType("status"), 12_000);
    expect(status).toMatchObject({ state: "connected", is_running: true, demo: true });
    expect(status.prices_cached).toBeGreaterThan(100);
    client.close();
  });

  it("answers ping, bare or as JSON, get_status and get_price, by any name of the asset", async () => {
    const client = await connect(port);
    client.send("ping");
    expect(await client.next(ofType("pong"))).toMatchObject({ demo: true });
    client.send('{"type":"ping"}');
    await client.next(ofType("pong"));
    client.send('{"type":"get_status"}');
    expect(await client.next(ofType("status"))).toMatchObject({
      state: "connected",
      source: "coincap",
    });
    for (const name of ["bitcoin", "BTC", "btc"]) {
      client.send(JSON.stringify({ type: "get_price", symbol: name }));
      const price = await client.next(ofType("price"));
      expect(price).toMatchObject({ symbol: "bitcoin", quote: "USD", stale: false });
      expect(price.price).toMatch(/^\d+\.\d+$/);
    }
    client.close();
  });

  it.each([
    ["{", "not_json"],
    ["42", "unknown_type"],
    ["null", "unknown_type"],
    ['{"type":"subscribe"}', "unknown_type"],
    ['{"type":"get_price"}', "bad_symbol"],
    ['{"type":"get_price","symbol":7}', "bad_symbol"],
    ['{"type":"get_price","symbol":"no-such-coin"}', "unknown_asset"],
    ['{"type":"get_price","symbol":"__proto__"}', "unknown_asset"],
    [Buffer.from([1, 2, 3]), "text_only"],
  ])("answers %s with the error %s, and goes on", async (text, code) => {
    const client = await connect(port);
    client.send(text);
    const error = await client.next(ofType("error"));
    expect(error.code).toBe(code);
    expect(error.hint).toBeTruthy();
    client.send("ping");
    await client.next(ofType("pong"));
    client.close();
  });

  it("closes who sends more than 4 KiB or more than 20 messages a second; others go on", async () => {
    const [large, flood, other] = await Promise.all([connect(port), connect(port), connect(port)]);
    large.send("x".repeat(4097));
    expect((await large.closed).code).toBe(1009);
    for (let i = 0; i < 50; i++) flood.send("ping");
    expect((await flood.closed).code).toBe(3009);
    expect(flood.messages.filter(ofType("pong"))).toHaveLength(20);
    expect(flood.messages.at(-1)).toMatchObject({ code: "too_many_messages" });
    await other.next(ofType("price_update"));
    other.close();
  });

  it("chooses none of the subprotocols it does not know", async () => {
    // A client that offers some and gets none gives up, as RFC 6455 §4.1 wants it.
    await expect(connect(port, "/ws/prices", ["unknown.v9"])).rejects.toThrow(/subprotocol/i);
  });
});

describe("/ws/prices/{symbol}", () => {
  it("sends only that asset, by id or symbol, when it changes", async () => {
    const client = await connect(port, "/ws/prices/BTC");
    const first = await client.next(ofType("price"));
    const second = await client.next((message) => message.price !== first.price, 10_000);
    expect([first.symbol, second.symbol]).toEqual(["bitcoin", "bitcoin"]);
    expect(client.messages.some(({ type }) => type === "price_update")).toBe(false);
    client.close();
  });

  it.each([
    ["/ws/prices/no-such-coin", 3501, "unknown_asset"],
    ["/ws/nothing", 3500, "no_such_path"],
    ["/", 3500, "no_such_path"],
    ["/ws/prices/%E0%A4%A", 3500, "no_such_path"],
  ])("refuses %s by closing with %i, after saying why", async (path, code, error) => {
    const client = await connect(port, path);
    const { code: closed, reason } = await client.closed;
    expect(closed).toBe(code);
    expect(reason).toBeTruthy();
    expect(client.messages).toMatchObject([{ type: "error", code: error }]);
  });
});

describe("HTTP", () => {
  it("tells prices with name, quote, source, times and 24 h change", async () => {
    const { body } = await get("/api/prices");
    expect(body).toMatchObject({ demo: true, epoch: rig.gateway.health().book.epoch });
    const bitcoin = body.assets.find(({ id }: { id: string }) => id === "bitcoin");
    expect(bitcoin).toMatchObject({ symbol: "BTC", name: "Bitcoin", quote: "USD", stale: false });
    expect(bitcoin.change24h).toEqual(expect.any(Number));
  });

  it("shows every source's view of one asset; Binance's is converted from USDT and says so", async () => {
    const converted = { price: expect.any(String), quote: "USDT", rate: expect.any(String) };
    const view = { stale: false, matched: true, held: null };
    await expect
      .poll(async () => (await get("/api/prices/eth")).body)
      .toMatchObject({
        id: "ethereum",
        source: "coincap",
        constituents: ["coincap"],
        derived: null,
        sources: expect.arrayContaining(
          [
            { ...view, source: "coincap", quote: "USD", derived: null, speaking: true },
            { ...view, source: "binance", quote: "USD", derived: converted, speaking: false },
            { ...view, source: "coinbase", quote: "USD", derived: null, speaking: false },
          ].map((row) => expect.objectContaining(row)),
        ),
      });
  });

  it("answers unknown assets and unknown paths with 404", async () => {
    expect(await get("/api/prices/no-such-coin")).toMatchObject({
      status: 404,
      body: { error: { code: "unknown_asset" } },
    });
    expect((await get("/api/nothing")).status).toBe(404);
  });

  it("tells a plain request to the stream to upgrade", async () => {
    expect(await get("/ws/prices")).toMatchObject({ status: 426 });
  });

  it("is live, ready and healthy, and its own probe has received a price", async () => {
    await expect.poll(async () => (await get("/health")).body.probe.verdict).toBe("pass");
    expect((await get("/livez")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
    const { status, body } = await get("/health");
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ok", mode: "demo", reasons: [], demo: true });
  });

  it("passes the demo's control on to the emulator, bad input and all", async () => {
    const { body } = await get("/demo/control");
    expect(Object.keys(body.exchanges)).toContain("coincap");
    const answer = await fetch(`http://127.0.0.1:${port}/demo/control/coincap`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: '{"fault":"no-such-fault"}',
    });
    expect(answer.status).toBe(400);
  });
});
