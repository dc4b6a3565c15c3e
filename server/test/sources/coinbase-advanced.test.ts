import { expect, it } from "vitest";
import { coinbaseAdvanced } from "../../src/sources/coinbase-advanced.ts";

const ticker = (timestamp: string, sequence: number) =>
  JSON.stringify({
    channel: "ticker",
    timestamp,
    sequence_num: sequence,
    events: [
      {
        type: "update",
        tickers: [
          {
            type: "ticker",
            product_id: "BTC-USD",
            price: "97123.40",
            volume_24_h: "16038.28770938",
            price_percent_chg_24_h: "1.21473645",
          },
          { type: "ticker", product_id: "ETH-USD", price: "NaN" },
          { type: "ticker", price: "1" },
        ],
      },
      { type: "update" },
    ],
  });

it("keeps price, change and volume as written, without what cannot be read beside them", () => {
  const event = coinbaseAdvanced.read(ticker("2026-09-05T22:10:30.25788961Z", 7));
  expect(event).toMatchObject({
    ticks: [
      {
        symbol: "BTC-USD",
        price: "97123.40",
        change24h: 1.21473645,
        baseVolume24h: "16038.28770938",
        time: Date.UTC(2026, 8, 5, 22, 10, 30, 257),
      },
    ],
    rejected: [{ reason: "bad_price" }, { reason: "wrong_type" }, { reason: "wrong_type" }],
  });
});

it.each([
  ["2026-09-05T22:10:30Z", 0],
  ["2026-09-05T22:10:30.2Z", 200],
  ["2026-09-05T22:10:30.257889Z", 257],
  ["2026-09-05T22:10:30.999999999Z", 999],
])("takes the envelope's %s for the time of its tickers, to the millisecond", (timestamp, ms) => {
  const time = Date.UTC(2026, 8, 5, 22, 10, 30, ms);
  expect(coinbaseAdvanced.read(ticker(timestamp, 7))).toMatchObject({ ticks: [{ time }] });
});

it("takes no connection's count for an order of prices: it begins anew with each", () => {
  const event = coinbaseAdvanced.read(ticker("2026-09-05T22:10:30Z", 7));
  expect(event.kind === "ticks" && event.ticks[0]).not.toHaveProperty("sequence");
});

it("subscribes with one frame for each channel, heartbeats among them", () => {
  const { url, send } = coinbaseAdvanced.connect({
    endpoint: { ws: "wss://exchange", rest: "" },
    key: undefined,
    symbols: ["BTC-USD", "ETH-USD"],
    selected: false,
    ticket: undefined,
  });
  expect(url).toBe("wss://exchange");
  expect(send.map((frame) => JSON.parse(frame))).toEqual([
    { type: "subscribe", channel: "heartbeats" },
    { type: "subscribe", channel: "ticker", product_ids: ["BTC-USD", "ETH-USD"] },
  ]);
});

it("takes a refusal for want of a key for final, and no other", () => {
  const error = (message: string) =>
    coinbaseAdvanced.read(JSON.stringify({ type: "error", message }));
  expect(error("authentication failure")).toMatchObject({ kind: "error", fatal: true });
  expect(error("rate limit exceeded")).toMatchObject({ kind: "error", fatal: false });
});
