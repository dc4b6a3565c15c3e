/** OKX v5, `tickers`: https://www.okx.com/docs-v5/en/#overview-websocket */
import type { Clock } from "../../clock.ts";
import { idleTimer } from "../idle.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import { rateLimit } from "../rate-limit.ts";
import type { PairTick } from "../tape.ts";
import { type Answer, frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { obey, tooFrequent } from "./okx-commands.ts";
import { instrument, tickerFrame } from "./okx-frames.ts";

export type OkxOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = { peer: Peer; instruments: Set<string>; touch(): void };

/** The pings and the pongs are no JSON. */
const PONG = Buffer.from("pong");

/** What one connection may ask for in an hour, however much it asks for at once. */
const REQUESTS_PER_HOUR = 480;
const HOUR_MS = 3_600_000;

/** The documented close for idleness. */
const NO_DATA = 4004;

export function okx({ clock, pairs, timing }: OkxOptions): Venue {
  const subscribers = new Set<Subscriber>();
  const trading = new Set(pairs.flatMap(({ symbol, active }) => (active ? [symbol] : [])));
  const latest = new Map<string, PairTick>();
  let connections = 0;

  return {
    accepts: ({ pathname }) => pathname === "/ws/v5/public",
    open(peer) {
      const connId = connectionId(connections++);
      const withinLimit = rateLimit(clock, REQUESTS_PER_HOUR, HOUR_MS);
      const idle = idleTimer(clock, timing.okxIdleMs, () =>
        peer.close(NO_DATA, "No data received in 30s"),
      );
      const subscriber: Subscriber = { peer, instruments: new Set(), touch: idle.touch };
      subscribers.add(subscriber);
      return {
        message(text) {
          idle.touch();
          if (text === "ping") return peer.send("heartbeat", PONG);
          if (!withinLimit()) return peer.send("answer", frameOf(tooFrequent(connId)));
          const isListed = (symbol: string) => trading.has(symbol);
          const { answers, added } = obey(subscriber.instruments, text, connId, isListed);
          for (const answer of answers) peer.send("answer", frameOf(answer));
          for (const symbol of added) {
            const tick = latest.get(symbol);
            if (tick) peer.send("data", frameOf(tickerFrame(tick)));
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
        latest.set(symbol, tick.truth ?? tick);
        let frame: Buffer | undefined;
        for (const { peer, instruments, touch } of subscribers) {
          if (!instruments.has(symbol)) continue;
          frame ??= frameOf(tickerFrame(tick));
          peer.send("data", frame);
          touch();
        }
      }
    },
    answer: ({ url }) =>
      url.pathname === "/api/v5/public/instruments" && url.searchParams.get("instType") === "SPOT"
        ? { status: 200, body: { code: "0", data: pairs.map(instrument), msg: "" } }
        : undefined,
    refusals: REFUSALS,
    close() {},
  };
}

const REFUSALS: Venue["refusals"] = {
  unauthorized: { status: 401, body: { code: "50111", msg: "Invalid OK-ACCESS-KEY" } },
  blocked: { status: 451, body: { code: "50125", msg: "Not available in your region" } },
  limited: { status: 429, body: { code: "50011", msg: "Too Many Requests" } },
} satisfies Record<string, Answer>;

/** Eight hexadecimal digits: `a4d3ae55`. */
const connectionId = (n: number): string =>
  Math.floor(lot(`connection ${n}`) * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
