/** A gateway's book, hub and edge in a process of its own, on a market that moves. Talks by IPC. */
import { every, systemClock } from "../../../src/clock.ts";
import { random } from "../../../src/emulator/random.ts";
import { hastyClock } from "../clocks.ts";
import { startStage } from "../stage.ts";
import type { MarketOptions, Report } from "./child.ts";

const options: MarketOptions = JSON.parse(process.argv[2] ?? "");
const rng = random(1);
const stage = await startStage("slow", systemClock, hastyClock(options.haste));

let next = 0;
const move = (count: number) => {
  for (let n = 0; n < count; n++) {
    stage.put({
      asset: `asset-${next}`,
      price: (1 + rng.next() * 1000).toFixed(4),
      quote: "USD",
      source: "binance",
      constituents: ["binance"],
      derived: undefined,
      spread: undefined,
      thin: false,
      receivedAgo: 0,
      exchangeAgo: 0,
      change24h: undefined,
    });
    next = (next + 1) % options.assets;
  }
};
move(options.assets);
const stop = every(systemClock, options.everyMs, () => move(options.moving));

const report = (): Report => ({
  port: stage.port,
  rss: process.memoryUsage().rss,
  ...stage.stats(),
  prices: stage.book.since(0).map(({ asset, price }) => [asset, price]),
});

process.on("message", (request) => {
  if (request === "freeze") stop();
  process.send?.(report());
});
process.on("disconnect", () => process.exit());
process.send?.(report());
