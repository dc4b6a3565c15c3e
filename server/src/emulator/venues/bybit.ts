/**
 * Bybit v5 spot, `tickers`: https://bybit-exchange.github.io/docs/v5/ws/connect
 * A topic that does not exist spoils its connection for good: some clients report that, others only
 * that its message is refused. The harder reading is the better test.
 */
import { type Clock, every } from "../../clock.ts";
import type { Pair } from "../pairs.ts";
import { type Answer, frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { obey } from "./bybit-commands.ts";
import { instrumentsInfo, type Trade, tickerFrame, topicOf } from "./bybit-frames.ts";

export type BybitOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = { peer: Peer; topics: Set<string>; spoiled: boolean; lastTraffic: number };

/** Idle connections are looked for every 30 s, which makes their end inexact: 20 times in 10 min. */
const SCANS_WHILE_IDLE = 20;

export function bybit({ clock, pairs, timing }: BybitOptions): Venue {
  const subscribers = new Set<Subscriber>();
  const trades = new Map<string, Trade>();
  const topics = new Set(pairs.map(({ symbol }) => topicOf(symbol)));
  let connections = 0;
  let sequence = 100_000_000_000;

  const tell = (subscriber: Subscriber, kind: "answer" | "data" | "heartbeat", frame: Buffer) => {
    subscriber.lastTraffic = clock.now();
    subscriber.peer.send(kind, frame);
  };
  const stopScans = every(clock, timing.bybitIdleMs / SCANS_WHILE_IDLE, () => {
    for (const { peer, lastTraffic } of subscribers) {
      if (clock.now() - lastTraffic >= timing.bybitIdleMs) peer.cut();
    }
  });

  return {
    accepts: ({ pathname }) => pathname === "/v5/public/spot",
    open(peer) {
      const held = new Set<string>();
      const subscriber = { peer, topics: held, spoiled: false, lastTraffic: clock.now() };
      const connection = `emulated-${++connections}`;
      subscribers.add(subscriber);
      return {
        message(text) {
          const { kind, reply, added, spoiled } = obey(held, text, connection, (topic) =>
            topics.has(topic),
          );
          subscriber.spoiled ||= spoiled;
          tell(subscriber, kind, frameOf(reply));
          for (const topic of added) {
            const trade = trades.get(topic);
            if (trade && !subscriber.spoiled) tell(subscriber, "data", frameOf(tickerFrame(trade)));
          }
        },
        end: () => subscribers.delete(subscriber),
      };
    },
    publish(ticks) {
      for (const tick of ticks) {
        const topic = topicOf(tick.pair.symbol);
        const trade = { tick, sequence: ++sequence };
        trades.set(topic, { ...trade, tick: tick.truth ?? tick });
        let frame: Buffer | undefined;
        for (const subscriber of subscribers) {
          if (subscriber.spoiled || !subscriber.topics.has(topic)) continue;
          frame ??= frameOf(tickerFrame(trade));
          tell(subscriber, "data", frame);
        }
      }
    },
    answer: ({ url }) =>
      url.pathname === "/v5/market/instruments-info"
        ? instrumentsInfo(pairs, url.searchParams, clock.now())
        : undefined,
    refusals: REFUSALS,
    close: stopScans,
  };
}

const REFUSALS: Venue["refusals"] = {
  unauthorized: { status: 401, body: { retCode: 10003, retMsg: "API key is invalid." } },
  // Not 451: its content network answers.
  blocked: { status: 403, body: { message: "Access from your country is not allowed." } },
  limited: { status: 429, body: { retCode: 10006, retMsg: "Too many visits!" } },
} satisfies Record<string, Answer>;
