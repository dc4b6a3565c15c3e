/**
 * Coinbase Advanced Trade, `ticker` and `heartbeats`:
 * https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
 */
import { type Clock, every } from "../../clock.ts";
import { plain, trimmed } from "../decimals.ts";
import type { Pair } from "../pairs.ts";
import type { PairTick } from "../tape.ts";
import { type FrameKind, frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { coinbaseRest } from "./coinbase-rest.ts";

export type CoinbaseAdvancedOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = {
  peer: Peer;
  /** Products of the ticker, as they are named in answers. */
  products: Set<string>;
  heartbeats: boolean;
  /** Of the next message: each connection counts its own, of all channels. */
  sequence: number;
  toldAt: number;
};

export function coinbaseAdvanced({ clock, pairs, timing }: CoinbaseAdvancedOptions): Venue {
  const startedAt = clock.now();
  const subscribers = new Set<Subscriber>();
  const online = new Set(pairs.filter(({ active }) => active).map(({ symbol }) => symbol));
  const latest = new Map<string, PairTick>();
  let heartbeat = 0;

  const tell = (to: Subscriber, kind: FrameKind, channel: string, event: object) => {
    const now = clock.now();
    const timestamp = timestampOf(now, to.sequence);
    const sequence_num = to.sequence++;
    to.toldAt = now;
    to.peer.send(kind, frameOf({ channel, timestamp, sequence_num, events: [event] }));
  };
  const tellTickers = (to: Subscriber, type: "snapshot" | "update", ticks: readonly PairTick[]) => {
    if (ticks.length > 0) tell(to, "data", "ticker", { type, tickers: ticks.map(tickerOf) });
  };
  const subscribe = (to: Subscriber, { channel, products }: Order) => {
    if (channel === "heartbeats") to.heartbeats = true;
    // A product that does not exist is passed over in silence.
    const added = products.map(nameOf).filter((product) => online.has(product));
    if (channel === "ticker") {
      for (const product of added) to.products.add(product);
      tellTickers(
        to,
        "snapshot",
        added.flatMap((product) => latest.get(product) ?? []),
      );
    }
    tell(to, "answer", "subscriptions", { subscriptions: held(to) });
  };
  const unsubscribe = (to: Subscriber, { channel, products }: Order) => {
    if (channel === "heartbeats") to.heartbeats = false;
    for (const product of products) to.products.delete(nameOf(product));
    tell(to, "answer", "subscriptions", { subscriptions: held(to) });
  };

  const stopHeartbeats = every(clock, timing.heartbeatMs, () => {
    heartbeat++;
    const event = {
      current_time: goTime(clock.now(), startedAt),
      heartbeat_counter: heartbeat,
    };
    for (const to of subscribers) {
      if (to.heartbeats) tell(to, "heartbeat", "heartbeats", event);
    }
  });
  const stopQuiet = every(clock, timing.quietMs / 5, () => {
    const limit = clock.now() - timing.quietMs;
    for (const { peer, toldAt } of subscribers) if (toldAt <= limit) peer.close(1000, "");
  });

  return {
    accepts: ({ pathname }) => pathname === "/",
    open(peer) {
      const subscriber: Subscriber = {
        peer,
        products: new Set(),
        heartbeats: false,
        sequence: 0,
        toldAt: clock.now(),
      };
      subscribers.add(subscriber);
      const patience = clock.after(timing.subscribeWithinMs, peer.cut);
      return {
        message(text) {
          const order = readOrder(text);
          if (!order) return peer.send("answer", REFUSAL);
          patience();
          if (order.type === "subscribe") subscribe(subscriber, order);
          else unsubscribe(subscriber, order);
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
        latest.set(product, tick.truth ?? tick);
        for (const to of subscribers)
          if (to.products.has(product)) tellTickers(to, "update", [tick]);
      }
    },
    ...coinbaseRest(pairs),
    close() {
      stopHeartbeats();
      stopQuiet();
    },
  };
}

type Order = { type: "subscribe" | "unsubscribe"; channel: string; products: string[] };

/** What there is no channel for is answered as if a key were missing. */
const REFUSAL = frameOf({ type: "error", message: "authentication failure" });

/** `channel` is singular here: one frame for each. */
function readOrder(text: string): Order | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== "object" || message === null) return undefined;
  if (!("type" in message) || !("channel" in message)) return undefined;
  const { type, channel } = message;
  if (type !== "subscribe" && type !== "unsubscribe") return undefined;
  if (channel !== "ticker" && channel !== "heartbeats") return undefined;
  const listed: unknown = "product_ids" in message ? message.product_ids : undefined;
  const products = Array.isArray(listed) ? listed.map(String) : [];
  return { type, channel, products };
}

/** A product in USDC is answered as the one in USD. */
const nameOf = (product: string): string =>
  /^(?!USDT|EURC).*-USDC$/.test(product) ? product.slice(0, -1) : product;

/** All that is held, whatever was asked for. */
const held = ({ products, heartbeats }: Subscriber) => ({
  ...(products.size > 0 ? { ticker: [...products] } : {}),
  ...(heartbeats ? { heartbeats: ["heartbeats"] } : {}),
});

/** Half of the distance between bid and ask. */
const HALF_SPREAD = 0.0001;

function tickerOf(tick: PairTick) {
  const { decimals = 8 } = tick.pair;
  const price = (value: number) => trimmed(plain(value, decimals));
  return {
    type: "ticker",
    product_id: tick.symbol,
    price: tick.written === undefined ? price(tick.last) : tick.written,
    volume_24_h: plain(tick.volume, 8),
    low_24_h: price(tick.low),
    high_24_h: price(tick.high),
    // There is no longer memory than a day here.
    low_52_w: price(tick.low),
    high_52_w: price(tick.high),
    price_percent_chg_24_h: trimmed(plain((tick.last / tick.open - 1) * 100, 14)),
    best_bid: plain(tick.last * (1 - HALF_SPREAD), decimals),
    best_ask: plain(tick.last * (1 + HALF_SPREAD), decimals),
    best_bid_quantity: plain(tick.volume / 1e5, 8),
    best_ask_quantity: plain(tick.volume / 1e5, 8),
  };
}

/** RFC 3339 in nanoseconds without trailing zeros, of which `salt` makes up what no clock knows. */
const timestampOf = (ms: number, salt: number): string => `${nanoseconds(ms, salt)}Z`;

/** How Go writes a time where nobody tells it how. */
const goTime = (ms: number, startedAt: number): string =>
  `${nanoseconds(ms, ms).replace("T", " ")} +0000 UTC m=+${(ms - startedAt) / 1000}`;

const nanoseconds = (ms: number, salt: number): string =>
  trimmed(
    new Date(ms).toISOString().replace("Z", String((salt * 7919) % 1_000_000).padStart(6, "0")),
  );
