import { describe, expect, it } from "vitest";
import type { FaultDetail, FaultName } from "../src/emulator/emulator.ts";
import { EXCHANGES } from "../src/emulator/venue.ts";
import type { FeedTiming } from "../src/feed/timing.ts";
import { connect, type Message, ofType, type TestClient, until } from "./support/client.ts";
import { coincapLeads, QUICK, type Rig, startRig } from "./support/gateway.ts";

/** From a failure to the next source's price at the client: detection, decision, broadcast. */
const SWITCH_MS = QUICK.failoverAfterMs + 250 + 1000;
/** Slack for a loaded machine. */
const SLACK_MS = 1500;

const fromSource = (source: string) => (message: Message) =>
  message.type === "price_update" && message.source === source;

async function start(timing: Partial<FeedTiming> = {}) {
  const rig = await startRig({ timing });
  const client = await connect(rig.gateway.port);
  await until(() => coincapLeads(rig), 10_000);
  await until(() => rig.gateway.health().sources.every(({ state }) => state === "live"));
  await client.next(fromSource("coincap"));
  client.messages.length = 0;
  return {
    rig,
    client,
    async stop() {
      client.close();
      await rig.close();
    },
  };
}

/** Every tick of a source entered after its older ones, and only fresh prices went out as fresh. */
function expectTruth({ quotes }: Rig, { messages }: TestClient) {
  const newest = new Map<string, number>();
  for (const { source, asset, exchangeTime = 0 } of quotes) {
    const key = `${source} ${asset}`;
    expect(exchangeTime).toBeGreaterThanOrEqual(newest.get(key) ?? 0);
    newest.set(key, exchangeTime);
  }
  const receipts = new Map<string, number[]>();
  for (const { asset, receivedAt } of quotes) {
    receipts.set(asset, [...(receipts.get(asset) ?? []), receivedAt]);
  }
  for (const { prices, stale, timestamp } of messages.filter(ofType("price_update"))) {
    const sentAt = Date.parse(String(timestamp));
    const old = new Set(stale as string[]);
    for (const asset of Object.keys(prices as object).filter((id) => !old.has(id))) {
      const last =
        receipts
          .get(asset)
          ?.filter((time) => time <= sentAt)
          .at(-1) ?? 0;
      expect(sentAt - last, asset).toBeLessThanOrEqual(QUICK.staleAfterMs + 1100);
    }
  }
}

const deadly: FaultName[] = [
  "refuse",
  "half-open",
  "stall",
  "ack-only",
  "unauthorized",
  "blocked-451",
  "rate-limited-429",
];

describe.concurrent("when CoinCap fails", () => {
  it.each(deadly)(
    "by %s, Binance speaks in time, and CoinCap again after the hold",
    async (fault) => {
      const { rig, client, stop } = await start();
      const detail = fault === "rate-limited-429" ? { seconds: 1 } : undefined;
      rig.emulator.break("coincap", fault, detail);
      const brokenAt = performance.now();
      const switched = await client.next(fromSource("binance"), SWITCH_MS + SLACK_MS);
      expect(switched.derived).toHaveProperty("USDT");
      const atOnce = fault === "unauthorized" || fault === "blocked-451";
      if (!atOnce) {
        expect(performance.now() - brokenAt).toBeGreaterThan(QUICK.failoverAfterMs - 1000);
      }
      const coincap = rig.gateway.health().sources[0];
      expect(coincap?.standing).toBe("lost");
      if (atOnce) expect(coincap?.standingReason).toMatch(/Unauthorized|451/);

      rig.emulator.mend("coincap");
      await until(() => rig.gateway.health().sources[0]?.standing === "holding", 8000);
      const heldFrom = performance.now();
      await client.next(fromSource("coincap"), 10_000);
      expect(performance.now() - heldFrom).toBeGreaterThan(QUICK.holdMs - 100);
      expectTruth(rig, client);
      await stop();
    },
  );

  it.each<FaultName>(["drop", "cut-24h"])(
    "by %s once, it reconnects before anyone takes over",
    async (fault) => {
      const { rig, client, stop } = await start();
      rig.emulator.break("coincap", fault);
      await until(() => (rig.gateway.health().sources[0]?.reconnects ?? 0) > 0);
      await client.next(fromSource("coincap"));
      await until(() => rig.gateway.health().sources[0]?.state === "live");
      expect(client.messages.filter(fromSource("binance"))).toEqual([]);
      expectTruth(rig, client);
      await stop();
    },
  );

  it.each<FaultName>(["garbage", "bad-prices"])(
    "by %s, what is wrong is counted and never sent",
    async (fault) => {
      const { rig, client, stop } = await start();
      for (const exchange of EXCHANGES) rig.emulator.break(exchange, fault);
      await until(() =>
        rig.gateway.health().sources.every(({ rejected }) => Object.keys(rejected).length > 0),
      );
      for (let n = 0; n < 3; n++) await client.next(ofType("price_update"));
      const known = new Set(rig.emulator.market.assets.map(({ id }) => id));
      for (const { prices } of client.messages.filter(ofType("price_update"))) {
        for (const [asset, price] of Object.entries(prices as Record<string, string>)) {
          expect(known.has(asset), asset).toBe(true);
          expect(price).toMatch(/^(?=.*[1-9])\d+(\.\d+)?$/);
        }
      }
      await stop();
    },
  );

  it("by an absurd price of one asset, nobody ever sees it", async () => {
    const { rig, client, stop } = await start();
    const before = Number(rig.emulator.market.price("bitcoin"));
    rig.emulator.break("coincap", "absurd", { asset: "bitcoin" });
    await until(() => (rig.gateway.health().sources[0]?.rejected.absurd_price ?? 0) > 2, 8000);
    for (let n = 0; n < 4; n++) await client.next(ofType("price_update"));
    for (const { prices } of client.messages.filter(ofType("price_update"))) {
      expect(Number((prices as Record<string, string>).bitcoin)).toBeLessThan(before * 2);
    }
    await stop();
  });

  it.each<[FaultName, string, FaultDetail]>([
    ["frozen-asset", "coincap", { asset: "bitcoin" }],
    ["slow-drip", "binance", { asset: "tether", seconds: 1 }],
  ])(
    "by %s, assets that are stale there go to Binance one by one",
    async (fault, ruling, detail) => {
      const { rig, client, stop } = await start({ silenceMs: 3000, failoverAfterMs: 3500 });
      rig.emulator.break("coincap", fault, detail);
      await until(
        () => rig.quotes.filter(({ asset }) => asset === "bitcoin").at(-1)?.source === "binance",
        QUICK.staleAfterMs + 3000,
      );
      await client.next(fromSource(ruling), 8000);
      expect(rig.gateway.health().sources[0]?.standing).toBe("speaking");
      expectTruth(rig, client);
      await stop();
    },
  );
});

it("with all exchanges gone, sends no price and says stale; ready all the same; recovers by itself", async () => {
  const { rig, client, stop } = await start();
  for (const exchange of EXCHANGES) rig.emulator.break(exchange, "refuse");
  const status = await client.next(
    (message) => message.state === "stale",
    QUICK.staleAfterMs + 4000,
  );
  const silentFrom = client.messages.indexOf(status);
  const url = `http://127.0.0.1:${rig.gateway.port}`;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const health = await fetch(`${url}/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ status: "down" });
  for (const exchange of EXCHANGES) rig.emulator.mend(exchange);
  await client.next(ofType("price_update"), 8000);
  const between = client.messages.slice(silentFrom).filter(ofType("price_update"));
  for (const { prices, stale } of between) {
    expect(Object.keys(prices as object).length).toBeGreaterThan((stale as string[]).length);
  }
  expectTruth(rig, client);
  await stop();
});
