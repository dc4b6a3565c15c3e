/**
 * KuCoin spot, `/market/ticker`:
 * https://www.kucoin.com/docs-new/websocket-api/base-info/introduction
 * A REST call hands out the address of the socket with a token, which is checked there.
 */
import type { Clock } from "../../clock.ts";
import { DAY_MS } from "../day.ts";
import type { Pair } from "../pairs.ts";
import { lot } from "../random.ts";
import { rateLimit } from "../rate-limit.ts";
import { type Answer, frameOf, type Peer, type Timing, type Venue } from "../venue.ts";
import { obey } from "./kucoin-commands.ts";
import { symbolRow, type Trade, tickerFrame } from "./kucoin-frames.ts";

export type KucoinOptions = { clock: Clock; pairs: readonly Pair[]; timing: Timing };

type Subscriber = { peer: Peer; held: ReadonlySet<string> };

/** A token opens sockets for so long. */
const TOKEN_MS = DAY_MS;

/** One connection may send so many messages in so many ms. */
const MOST_MESSAGES = 100;
const MESSAGES_MS = 10_000;

export function kucoin({ clock, pairs, timing }: KucoinOptions): Venue {
  const subscribers = new Set<Subscriber>();
  const symbols = new Set(pairs.filter(({ active }) => active).map(({ symbol }) => symbol));
  const sequences = new Map<string, number>();
  /** Each with the time when it was handed out. */
  const tokens = new Map<string, number>();

  const ticket = (endpoint: string) => {
    const token = `${Buffer.from(`public ${clock.now()} ${tokens.size}`).toString("base64")}.==`;
    tokens.set(token, clock.now());
    const pings = { pingInterval: timing.hearEveryMs, pingTimeout: timing.hearWithinMs };
    const server = { endpoint, encrypt: true, protocol: "websocket", ...pings };
    return { code: "200000", data: { token, instanceServers: [server] } };
  };
  const objection = (token: string | null) => {
    const since = tokens.get(token ?? "");
    if (since === undefined) return "token is invalid";
    return clock.now() - since > TOKEN_MS ? "token is expired" : undefined;
  };
  const dismiss = (peer: Peer, error: object) => {
    peer.send("answer", frameOf({ ...error, type: "error" }));
    peer.close(1000, "Bye");
  };

  return {
    accepts: ({ pathname }) => pathname === "/",
    open(peer, { url }) {
      const wrong = objection(url.searchParams.get("token"));
      if (wrong !== undefined) {
        dismiss(peer, { code: 401, data: wrong });
        return { message() {}, end() {} };
      }
      const id = url.searchParams.get("connectId") ?? "emulated";
      const subscriber: Subscriber = { peer, held: new Set() };
      subscribers.add(subscriber);
      const withinLimit = rateLimit(clock, MOST_MESSAGES, MESSAGES_MS);
      const patienceMs = timing.hearEveryMs + timing.hearWithinMs;
      const wait = () =>
        clock.after(patienceMs, () => dismiss(peer, { id, code: 400, data: "ping timeout" }));
      let patience = wait();
      peer.send("answer", frameOf({ id, type: "welcome" }));
      return {
        message(text) {
          patience();
          patience = wait();
          if (!withinLimit()) {
            dismiss(peer, { id, code: 509, data: "exceed max permits per second" });
            return;
          }
          const { kind, reply, held } = obey(subscriber.held, text, (name) => symbols.has(name));
          subscriber.held = held;
          if (reply) peer.send(kind, frameOf(reply));
        },
        end() {
          patience();
          subscribers.delete(subscriber);
        },
      };
    },
    publish(ticks) {
      for (const tick of ticks) {
        const { symbol } = tick.pair;
        const before = sequences.get(symbol) ?? Math.floor(1e9 + lot(`sequence ${symbol}`) * 1e12);
        const trade: Trade = { tick, sequence: before + 1 };
        sequences.set(symbol, trade.sequence);
        tell(subscribers, symbol, () => frameOf(tickerFrame(trade, false)));
        tell(subscribers, "all", () => frameOf(tickerFrame(trade, true)));
      }
    },
    answer({ method, url, ws }) {
      if (url.pathname === "/api/v2/symbols") {
        return { status: 200, body: { code: "200000", data: pairs.map(symbolRow) } };
      }
      if (url.pathname !== "/api/v1/bullet-public") return undefined;
      return method === "POST" ? { status: 200, body: ticket(`${ws}/`) } : NOT_ALLOWED;
    },
    refusals: REFUSALS,
    close() {},
  };
}

/** To all who hold `name`; the frame is encoded if there is anybody. */
function tell(subscribers: Iterable<Subscriber>, name: string, frame: () => Buffer): void {
  let encoded: Buffer | undefined;
  for (const { peer, held } of subscribers) {
    if (!held.has(name)) continue;
    encoded ??= frame();
    peer.send("data", encoded);
  }
}

const NOT_ALLOWED: Answer = { status: 405, body: { msg: "Method Not Allowed", code: "405000" } };

const REFUSALS: Venue["refusals"] = {
  unauthorized: { status: 401, body: { code: "400003", msg: "KC-API-KEY does not exist." } },
  blocked: {
    status: 451,
    body: {
      code: "400302",
      msg: "Based on your IP, services are unavailable in your region due to regulations. Please contact support.",
    },
  },
  limited: { status: 429, body: { code: "429000", msg: "Too Many Requests" } },
} satisfies Record<string, Answer>;
