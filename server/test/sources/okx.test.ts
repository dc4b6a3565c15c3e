import { expect, it } from "vitest";
import { okx } from "../../src/sources/okx.ts";

const ticker = (instType: string, instId: string) =>
  okx.read(
    `{"arg":{"channel":"tickers","instId":"${instId}"},"data":[{"instType":"${instType}","instId":"${instId}","last":"9999.99","open24h":"9000","volCcy24h":"22220000","vol24h":"2222","ts":"1597026383085"}]}`,
  );

it("tells price of 24 hours ago, both volumes and the time beside a spot price", () => {
  expect(ticker("SPOT", "BTC-USDT")).toMatchObject({
    ticks: [
      {
        symbol: "BTC-USDT",
        price: "9999.99",
        open24h: "9000",
        baseVolume24h: "2222",
        quoteVolume24h: "22220000",
        time: 1597026383085,
      },
    ],
  });
});

it.each([
  ["FUTURES", "BTC-USD-191227"],
  ["SWAP", "LTC-USD-SWAP"],
])("takes the price of %s for no asset's, and its contracts for no volume", (type, id) => {
  const event = ticker(type, id);
  expect(event).toMatchObject({ ticks: [{ symbol: id, price: "9999.99" }] });
  expect(event.kind === "ticks" && Object.keys(event.ticks[0] ?? {})).not.toContain(
    "baseVolume24h",
  );
  expect(okx.listing.split(id)).toBeUndefined();
});

it.each([
  "Subscribe failed, wrong URL or channel:tickers,instId:NOPE-USDT doesn't exist. Please use the correct URL.",
  "Wrong URL or channel:tickers, instId:NOPE-USDT doesn't exist.",
])("names the instrument that is refused in: %s", (msg) => {
  const frame = JSON.stringify({ event: "error", msg, code: "60018", connId: "a4d3ae55" });
  expect(okx.read(frame)).toMatchObject({ kind: "error", fatal: false, symbols: ["NOPE-USDT"] });
});

it("names none where the request itself is refused, whatever the request held", () => {
  const msg = "Invalid request: {channel:tickers,instId:BTC-USDT}";
  const event = okx.read(JSON.stringify({ event: "error", msg, code: "60012" }));
  expect(event).toMatchObject({ kind: "error", message: `60012 ${msg}` });
  expect(event).not.toHaveProperty("symbols");
});

it("asks for as much as a connection may hold in one message, of less than 64 KB", () => {
  const most = okx.facts.limits?.symbolsPerConnection ?? 0;
  const symbols = Array.from({ length: most }, (_, n) => `${String(n).padStart(10, "X")}-USDT`);
  const endpoint = { ws: "ws://127.0.0.1:1", rest: "" };
  const { send } = okx.connect({
    endpoint,
    key: undefined,
    symbols,
    selected: false,
    ticket: undefined,
  });
  expect(send).toHaveLength(1);
  expect(send[0]?.length).toBeLessThan(64 * 1024);
});

it("lists the instruments that trade", () => {
  const rows = [
    { instId: "BTC-USDT", baseCcy: "BTC", quoteCcy: "USDT", state: "live" },
    { instId: "OLD-USDT", baseCcy: "OLD", quoteCcy: "USDT", state: "suspend" },
    { instId: "NEW-USDT", baseCcy: "NEW", quoteCcy: "USDT", state: "preopen" },
  ];
  expect(okx.listing.read({ code: "0", data: rows }).instruments).toEqual([
    { symbol: "BTC-USDT", base: "BTC", quote: "USDT" },
  ]);
});
