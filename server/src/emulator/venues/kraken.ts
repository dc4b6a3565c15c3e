/** Kraken v2, `ticker`: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/ticker */
import { type Clock, every } from "../../clock.ts";
import { idleTimer } from "../idle.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import { type Answer, frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { obey } from "./kraken-commands.ts";
import { HEARTBEAT, statusFrame, type Traded, tickerFrame } from "./kraken-frames.ts";
import { assetPairs } from "./kraken-pairs.ts";

export type KrakenOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = { peer: Peer; symbols: Set<string>; touch(): void };

export function kraken({ clock, pairs, timing }: KrakenOptions): Venue {
  const subscribers = new Set<Subscriber>();
  const listed = new Set(pairs.map(({ symbol }) => symbol));
  const traded = new Map<string, Traded>();
  let connections = 0;

  // Documented for quiet connections only; busy ones of v1 were seen to get it each second too.
  const stopHeartbeats = every(clock, timing.heartbeatMs, () => {
    for (const { peer, symbols, touch } of subscribers) {
      if (symbols.size === 0) continue;
      peer.send("heartbeat", HEARTBEAT);
      touch();
    }
  });

  return {
    accepts: ({ pathname }) => pathname === "/v2",
    open(peer) {
      const idle = idleTimer(clock, timing.krakenIdleMs, () => peer.close(1000, ""));
      const subscriber: Subscriber = { peer, symbols: new Set(), touch: idle.touch };
      subscribers.add(subscriber);
      peer.send("answer", statusFrame(connections++));
      return {
        message(text) {
          idle.touch();
          const { answers, snapshots } = obey(
            subscriber.symbols,
            text,
            (symbol) => listed.has(symbol),
            clock.now(),
          );
          for (const answer of answers) peer.send("answer", frameOf(answer));
          for (const symbol of snapshots) {
            const last = traded.get(symbol);
            if (last) peer.send("data", tickerFrame("snapshot", last));
          }
        },
        end() {
          idle.stop();
          subscribers.delete(subscriber);
        },
      };
    },
    publish(ticks) {
      for (const tick of ticks) {
        const { symbol } = tick.pair;
        const trades = (traded.get(symbol)?.trades ?? firstCount(symbol)) + 1;
        traded.set(symbol, { tick: tick.truth ?? tick, trades });
        let frame: Buffer | undefined;
        for (const { peer, symbols } of subscribers) {
          if (!symbols.has(symbol)) continue;
          frame ??= tickerFrame("update", { tick, trades });
          peer.send("data", frame);
        }
      }
    },
    answer: ({ url }) =>
      url.pathname === "/0/public/AssetPairs"
        ? { status: 200, body: { error: [], result: assetPairs(pairs) } }
        : undefined,
    refusals: REFUSALS,
    close: stopHeartbeats,
  };
}

const REFUSALS: Venue["refusals"] = {
  unauthorized: { status: 401, body: { error: ["EAPI:Invalid key"] } },
  blocked: { status: 451, body: { error: ["EGeneral:Permission denied"] } },
  limited: { status: 429, body: { error: ["EAPI:Rate limit exceeded"] } },
} satisfies Record<string, Answer>;

/** How many trades a pair has had when the emulation begins. */
const firstCount = (symbol: string) => Math.floor(100 + lot(`trades ${symbol}`) * 50_000);
