import pino from "pino";
import { expect, it } from "vitest";
import { createBook } from "../../src/book/book.ts";
import { manualClock } from "../../src/clock.ts";
import { significant } from "../../src/emulator/decimals.ts";
import { createMarket } from "../../src/emulator/market.ts";
import { random } from "../../src/emulator/random.ts";
import { universe } from "../../src/emulator/universe.ts";
import { deflatedFrames, plainFrames } from "../../src/hub/frame.ts";
import type { Broadcast } from "../../src/hub/group.ts";
import { createHub } from "../../src/hub/hub.ts";
import { createPlain } from "../../src/hub/plain.ts";
import { createV1 } from "../../src/hub/v1.ts";
import rows from "../../src/sources/assets.json" with { type: "json" };

const ASSETS = 2000;
const MOVING = ASSETS / 10;
const SECONDS = 60;
const START = Date.parse("2026-03-01T12:00:00.000Z");

/** As most exchanges quote most assets. */
const SIGNIFICANT_DIGITS = 6;

/**
 * Bytes per client and second: 2,000 assets in a simulated market, of which 200 move each second, and
 * their 24 h changes with them.
 * @param times whether the exchange tells its own time of each price
 */
function measure({ times }: { times: boolean }) {
  const clock = manualClock(START);
  const { now } = clock;
  const assets = universe(rows, ASSETS);
  const market = createMarket(1, assets, START);
  const dice = random(2);
  const book = createBook({ epoch: "e1", staleAfterMs: 3_600_000 });
  const hub = createHub({ clock, log: pino({ level: "silent" }) });
  const put = (id: string) => {
    const price = market.price(id) ?? 1;
    const open = market.day(id)?.open ?? price;
    const quote = {
      asset: id,
      price: significant(price, SIGNIFICANT_DIGITS),
      quote: "USD",
      source: "coincap",
      constituents: ["coincap"],
      derived: undefined,
      spread: undefined,
      thin: false,
      receivedAt: now(),
      exchangeTime: times ? now() - Math.floor(50 + 450 * dice.next()) : undefined,
      change24h: Number(((price / open - 1) * 100).toFixed(2)),
    };
    book.put(quote, now());
  };
  for (const { id } of assets) put(id);

  const limits = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };
  const v1 = createV1({ book, now, wallNow: now, mode: "live", limits });
  const plain = createPlain({
    book,
    now,
    staleAfterMs: 60_000,
    mode: "live",
    isRunning: () => true,
  });
  const measured = (broadcast: Broadcast) => {
    let bytes = 0;
    let frames = 0;
    const write = (frame: Buffer) => {
      bytes += frame.length;
      frames++;
    };
    const membership = hub.join(
      broadcast,
      { write, drained: () => true, evict() {}, bye() {} },
      { position: book.seq() },
    );
    return {
      perSecond() {
        expect(frames).toBeGreaterThanOrEqual(SECONDS);
        return Math.round(bytes / frames);
      },
      echo: () => membership.echoed(membership.position()),
    };
  };
  const plainUpdates = measured(plain.all(plainFrames));
  const deltas = measured(v1.broadcast("*", 1000, deflatedFrames, true));
  for (let second = 1; second <= SECONDS; second++) {
    const time = START + second * 1000 - 500;
    clock.advanceTo(time);
    market.step(time);
    const order = assets.map(({ id }) => ({ id, at: dice.next() })).sort((a, b) => a.at - b.at);
    for (const { id } of order.slice(0, MOVING)) put(id);
    deltas.echo();
  }
  clock.advanceTo(START + SECONDS * 1000);
  return { plain: plainUpdates.perSecond(), delta: deltas.perSecond() };
}

it("takes no more than a thirtieth of the plain contract's bytes to tell what moved", () => {
  const { plain, delta } = measure({ times: false });
  expect(plain).toBeGreaterThan(50_000);
  expect(plain / delta).toBeGreaterThan(30);
});

it("takes no more than a twenty-fifth of them where an exchange tells its own times as well", () => {
  const { plain, delta } = measure({ times: true });
  expect(plain / delta).toBeGreaterThan(25);
});
