/**
 * Coinbase Exchange, `ticker`, `ticker_batch`, `matches` and `heartbeat`:
 * https://docs.cdp.coinbase.com/exchange/websocket-feed/overview
 */
import { type Clock, every } from "../../clock.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import { frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { type Added, type Channels, obey, type ProductState } from "./coinbase-commands.ts";
import { heartbeatFrame, matchFrame, type Trade, tickerFrame } from "./coinbase-frames.ts";
import { coinbaseRest } from "./coinbase-rest.ts";

export type CoinbaseOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = { peer: Peer; channels: Channels };

export function coinbase({ clock, pairs, timing }: CoinbaseOptions): Venue {
  const subscribers = new Set<Subscriber>();
  const products = new Map(pairs.map((pair) => [pair.symbol, pair]));
  const trades = new Map<string, Trade>();
  let batch = new Map<string, Trade>();

  const stateOf: ProductState = (product) => {
    const pair = products.get(product);
    return pair && (pair.active ? "online" : "delisted");
  };
  /** To all who hold `product` in `channel`; the frame is encoded if there is anybody. */
  const tell = (
    channel: string,
    product: string,
    kind: "data" | "heartbeat",
    frame: () => Buffer,
  ) => {
    let encoded: Buffer | undefined;
    for (const { peer, channels } of subscribers) {
      if (!channels.get(channel)?.has(product)) continue;
      encoded ??= frame();
      peer.send(kind, encoded);
    }
  };
  const welcome = (peer: Peer, added: Added) => {
    for (const { channel, product } of added) {
      const trade = trades.get(product);
      if (!trade) continue;
      if (channel === "matches") peer.send("data", frameOf(matchFrame("last_match", trade)));
      if (channel.startsWith("ticker")) peer.send("data", frameOf(tickerFrame(trade)));
    }
  };

  const stopHeartbeats = every(clock, timing.heartbeatMs, () => {
    for (const [product, trade] of trades) {
      const frame = () => frameOf(heartbeatFrame(product, trade, clock.now()));
      tell("heartbeat", product, "heartbeat", frame);
    }
  });
  const stopBatches = every(clock, timing.batchMs, () => {
    for (const [product, trade] of batch) {
      tell("ticker_1000", product, "data", () => frameOf(tickerFrame(trade)));
    }
    batch = new Map();
  });

  return {
    accepts: ({ pathname }) => pathname === "/",
    open(peer) {
      const subscriber: Subscriber = { peer, channels: new Map() };
      subscribers.add(subscriber);
      const patience = clock.after(timing.subscribeWithinMs, peer.cut);
      return {
        message(text) {
          const outcome = obey(subscriber.channels, text, stateOf);
          if ("errors" in outcome) {
            for (const error of outcome.errors) peer.send("answer", frameOf(error));
            return;
          }
          patience();
          peer.send("answer", frameOf(outcome.subscriptions));
          welcome(peer, outcome.added);
        },
        end() {
          patience();
          subscribers.delete(subscriber);
        },
      };
    },
    publish(ticks) {
      for (const tick of ticks) {
        const product = tick.pair.symbol;
        const { sequence, id } = trades.get(product) ?? firstNumbers(product);
        const trade = { tick, sequence: sequence + 1 + (id % 40), id: id + 1 };
        trades.set(product, { ...trade, tick: tick.truth ?? tick });
        batch.set(product, trade);
        tell("ticker", product, "data", () => frameOf(tickerFrame(trade)));
        tell("matches", product, "data", () => frameOf(matchFrame("match", trade)));
      }
    },
    ...coinbaseRest(pairs),
    close() {
      stopHeartbeats();
      stopBatches();
    },
  };
}

/** Where a product's counters stand when the emulation begins. */
const firstNumbers = (product: string) => ({
  sequence: Math.floor(1e6 + lot(`sequence ${product}`) * 1e10),
  id: Math.floor(1e4 + lot(`trade ${product}`) * 1e8),
});
