import { expect, it } from "vitest";
import { startEmulator } from "../../src/emulator/emulator.ts";
import { bundledAssets } from "../../src/sources/assets.ts";
import { bybit } from "../../src/sources/bybit.ts";
import type { Source } from "../../src/sources/source.ts";
import { until } from "../support/client.ts";
import { startFeed } from "../support/feed.ts";

const ticker = (data: object) =>
  JSON.stringify({
    topic: "tickers.BTCUSDT",
    ts: 1672305380595,
    type: "snapshot",
    cs: 496622841,
    data: { symbol: "BTCUSDT", lastPrice: "16363.78", ...data },
  });

const refusal = (text: string) =>
  JSON.stringify({ success: false, ret_msg: text, conn_id: "1", req_id: "", op: "subscribe" });

it("names no more than ten topics in a message", () => {
  const symbols = Array.from({ length: 21 }, (_, n) => `COIN${n}USDT`);
  const endpoint = { ws: "wss://x", rest: "https://x" };
  const options = { endpoint, key: undefined, selected: false, ticket: undefined };
  const { url, send, keepAlive } = bybit.connect({ ...options, symbols });
  expect(url).toBe("wss://x/v5/public/spot");
  const messages = send.map((frame) => JSON.parse(frame));
  expect(messages.map(({ args }) => args.length)).toEqual([10, 10, 1]);
  expect(messages[2]).toEqual({ op: "subscribe", args: ["tickers.COIN20USDT"] });
  expect(keepAlive).toEqual({ everyMs: 20_000, frame: '{"op":"ping"}' });
});

it("reads the change of the day as a ratio, and nothing where there is none", () => {
  const change = (price24hPcnt?: unknown) => {
    const event = bybit.read(ticker({ price24hPcnt }));
    return event.kind === "ticks" ? event.ticks[0]?.change24h : event;
  };
  expect(change("-0.0127")).toBeCloseTo(-1.27, 10);
  for (const none of ["", "NaN", null, 0.1, undefined]) expect(change(none)).toBeUndefined();
});

it.each(["error:handler not found,topic:tickers.NOPEUSDT", "Invalid symbol :[tickers.NOPEUSDT]"])(
  "knows the symbol that is refused with %s",
  (message) => {
    expect(bybit.read(refusal(message))).toEqual({
      kind: "error",
      message,
      fatal: false,
      symbols: ["NOPEUSDT"],
    });
  },
);

it("takes no symbol for refused that is subscribed to already, but starts afresh", () => {
  const again = "error:already subscribed,topic:tickers.BTCUSDT";
  expect(bybit.read(refusal(again))).toEqual({ kind: "reconnect", reason: again });
  expect(bybit.read(refusal("args size >10"))).not.toHaveProperty("symbols");
});

it("splits a symbol that no list holds at its quote", () => {
  expect(bybit.listing.split("1INCHUSDT")).toMatchObject({ base: "1INCH", quote: "USDT" });
  expect(bybit.listing.split("USDCEUR")).toMatchObject({ base: "USDC", quote: "EUR" });
  expect(bybit.listing.split("USDT")).toBeUndefined();
});

it("gets all its prices though its list names a pair that is refused", async ({
  onTestFinished,
}) => {
  const emulator = await startEmulator({ assets: 500, tickMs: 25 });
  onTestFinished(() => emulator.close());
  /** In the middle of the others, so that it spoils a message of ten. */
  const listing: Source["listing"] = {
    ...bybit.listing,
    read(body) {
      const { instruments } = bybit.listing.read(body);
      const traded = new Set(instruments.map(({ base }) => base));
      const untraded = bundledAssets.find(({ symbol }) => !traded.has(symbol))?.symbol ?? "";
      const stranger = { symbol: `${untraded}USDT`, base: untraded, quote: "USDT" };
      return { instruments: instruments.toSpliced(25, 0, stranger) };
    },
  };
  const { feed, quotes } = startFeed({ ...bybit, listing }, emulator.endpoints.bybit);
  onTestFinished(() => feed.stop());
  await until(() => new Set(quotes.map(({ asset }) => asset)).size > 150, 10_000);
  const { frames, reconnects, rollovers } = feed.health().sources[0] ?? expect.fail("no source");
  expect(frames).toMatchObject({ error: 1 });
  expect(reconnects + rollovers).toBe(1);
});
