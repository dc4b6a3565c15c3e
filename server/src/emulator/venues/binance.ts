/**
 * Binance spot, mini tickers:
 * https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md
 */
import type { Clock } from "../../clock.ts";
import { plain } from "../decimals.ts";
import { keepAlive } from "../keep-alive.ts";
import type { Pair } from "../pairs.ts";
import { rateLimit } from "../rate-limit.ts";
import type { PairTick } from "../tape.ts";
import { type Answer, frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { MOST_STREAMS, obey, type Streams } from "./binance-commands.ts";
import { exchangeInfo } from "./binance-info.ts";

export type BinanceOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = { peer: Peer; streams: Streams };

const ALL_MARKET = "!miniTicker@arr";

/** Pings, pongs and JSON messages together; one more in a second, and the socket is closed. */
const MESSAGES_PER_SECOND = 5;

export function binance({ clock, pairs, timing }: BinanceOptions): Venue {
  const subscribers = new Set<Subscriber>();

  return {
    accepts: (url) =>
      /^\/(ws|stream)(\/|$)/.test(url.pathname) && streamsOf(url).names.size <= MOST_STREAMS,
    open(peer, { url }) {
      const subscriber = { peer, streams: streamsOf(url) };
      subscribers.add(subscriber);
      const alive = keepAlive(peer, clock, timing.pingEveryMs, timing.pongWithinMs);
      const withinLimit = rateLimit(clock, MESSAGES_PER_SECOND, 1000);
      const count = () => {
        const fine = withinLimit();
        if (!fine) peer.close(1008, "Too many requests");
        return fine;
      };
      return {
        message(text) {
          if (count()) peer.send("answer", frameOf(obey(subscriber.streams, text)));
        },
        ping: count,
        pong(payload) {
          if (count()) alive.pong(payload);
        },
        end() {
          alive.stop();
          subscribers.delete(subscriber);
        },
      };
    },
    publish(ticks) {
      const frames = createFrames(ticks);
      for (const { peer, streams } of subscribers) {
        for (const name of streams.names) {
          const frame = frames(name, streams.combined);
          if (frame) peer.send("data", frame);
        }
      }
    },
    answer: ({ url }) =>
      url.pathname === "/api/v3/exchangeInfo"
        ? exchangeInfo(pairs, url.searchParams, clock.now())
        : undefined,
    refusals: REFUSALS,
    announceShutdown() {
      const event = { e: "serverShutdown", E: clock.now() };
      const raw = frameOf(event);
      const combined = frameOf({ stream: "!serverShutdown", data: event });
      for (const { peer, streams } of subscribers) {
        peer.send("answer", streams.combined ? combined : raw);
      }
    },
    close() {},
  };
}

const REFUSALS: Venue["refusals"] = {
  unauthorized: { status: 401, body: { code: -2014, msg: "API-key format invalid." } },
  blocked: {
    status: 451,
    body: {
      code: 0,
      msg: "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error.",
    },
  },
  limited: {
    status: 429,
    body: { code: -1003, msg: "Too many requests; please use the websocket for live updates." },
  },
} satisfies Record<string, Answer>;

/** `/ws/<stream>`, `/ws` or `/stream?streams=<stream>/<stream>`. */
function streamsOf({ pathname, searchParams }: URL): Streams {
  const combined = pathname.startsWith("/stream");
  const listed = combined ? (searchParams.get("streams") ?? "") : pathname.slice("/ws/".length);
  const names = decodeURIComponent(listed).split("/").filter(Boolean);
  return { names: new Set(names), combined };
}

/** The frames of one step, each encoded when the first subscriber wants it. */
function createFrames(ticks: readonly PairTick[]) {
  const byStream = new Map<string, PairTick>();
  for (const tick of ticks) byStream.set(`${tick.pair.symbol.toLowerCase()}@miniTicker`, tick);
  const payload = (name: string): unknown => {
    if (name === ALL_MARKET) return ticks.length > 0 ? ticks.map(miniTicker) : undefined;
    const tick = byStream.get(name);
    return tick && miniTicker(tick);
  };
  const frames = new Map<string, Buffer | undefined>();
  return (stream: string, combined: boolean): Buffer | undefined => {
    const key = `${combined} ${stream}`;
    if (!frames.has(key)) {
      const data = payload(stream);
      frames.set(key, data === undefined ? undefined : frameOf(combined ? { stream, data } : data));
    }
    return frames.get(key);
  };
}

/** Binance pads every number to eight decimals. */
const padded = (value: number): string => plain(value, 8);

const miniTicker = (tick: PairTick) => ({
  e: "24hrMiniTicker",
  E: tick.time,
  s: tick.symbol,
  c: tick.written === undefined ? padded(tick.last) : tick.written,
  o: padded(tick.open),
  h: padded(tick.high),
  l: padded(tick.low),
  v: padded(tick.volume),
  q: padded(tick.quoteVolume),
});
