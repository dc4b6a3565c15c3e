import { type Clock, every } from "../../../server/src/clock.ts";
import { significant } from "../../../server/src/emulator/decimals.ts";
import { lot, random } from "../../../server/src/emulator/random.ts";
import { universe } from "../../../server/src/emulator/universe.ts";
import bundledAssets from "../../../server/src/sources/assets.json" with { type: "json" };
import type { Quote } from "../../../server/src/types.ts";
import type { Market } from "../scene.ts";

/** Prices enter the book so often, as many as are due, ms. */
const STEP_MS = 10;
const SEED = 1;
/** Size of a move, as a share of the price. */
const MOVE = 0.0005;
const PRICE_DIGITS = 7;

/**
 * Makes prices in place of the exchanges: at first all, then one after the other in an order that is
 * mixed but always the same, so that each moves once in every round.
 */
export function startFeed(market: Market, clock: Clock, publish: (quote: Quote) => void): void {
  const rng = random(SEED);
  const assets = universe(bundledAssets, market.assets).map(({ id, typical }) => ({
    id,
    typical,
    price: typical,
  }));
  assets.sort((a, b) => lot(a.id) - lot(b.id));
  const startedAt = clock.now();
  let moves = 0;

  const move = (asset: (typeof assets)[number]) => {
    asset.price *= 1 + MOVE * rng.normal();
    publish({
      asset: asset.id,
      price: significant(asset.price, PRICE_DIGITS),
      quote: "USD",
      source: "bench",
      constituents: ["bench"],
      derived: undefined,
      spread: undefined,
      thin: false,
      receivedAt: clock.now(),
      exchangeTime: clock.now(),
      change24h: Math.round((asset.price / asset.typical - 1) * 10_000) / 100,
    });
  };

  for (const asset of assets) move(asset);
  every(clock, STEP_MS, () => {
    const due = ((clock.now() - startedAt) / 1000) * market.movesPerS;
    for (; moves < due; moves++) {
      const asset = assets[moves % assets.length];
      if (asset) move(asset);
    }
  });
}
