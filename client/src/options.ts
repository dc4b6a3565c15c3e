import { type Clock, systemClock } from "./clock.ts";
import { nextFrame } from "./frame.ts";
import type { WebSocketConstructor } from "./socket.ts";
import { streamUrl } from "./url.ts";

/** What `createPriceStream` takes. Everything but `url` has a default. */
export type StreamOptions = {
  /** http(s), ws(s), or relative to the page: `/ws/prices`. */
  url: string;
  /** Attempts to come back before giving up; 0: don't try, Infinity: don't give up. Default 10. */
  maxReconnectAttempts?: number | undefined;
  /** Longest wait before the first attempt, ms; it doubles up to 30 s. Default 1000. */
  reconnectDelay?: number | undefined;
  /** A price that the server has not vouched for in so long is stale, ms. Default 60 000. */
  staleAfterMs?: number | undefined;
  /** Tells the story of the connection on the console. Default false. */
  verbose?: boolean | undefined;
  /** Default: the global one. */
  WebSocket?: WebSocketConstructor | undefined;
  /** Default: the device's. */
  clock?: Clock | undefined;
  /** A number in [0, 1), for the wait between attempts. Default: Math.random. */
  random?: (() => number) | undefined;
  /** Calls back when subscribers shall be told. Default: with the next animation frame. */
  nextFrame?: ((fn: () => void) => void) | undefined;
};

export type Settings = ReturnType<typeof resolveOptions>;

/**
 * All defaults, and the only check.
 * @throws Error naming everything that is wrong
 */
export function resolveOptions(given: string | StreamOptions) {
  const options: StreamOptions = typeof given === "string" ? { url: given } : given;
  const settings = {
    url: streamUrl(options.url),
    maxReconnectAttempts: options.maxReconnectAttempts ?? 10,
    reconnectDelay: options.reconnectDelay ?? 1000,
    staleAfterMs: options.staleAfterMs ?? 60_000,
    verbose: options.verbose ?? false,
    clock: options.clock ?? systemClock(),
    random: options.random ?? Math.random,
    nextFrame: options.nextFrame ?? nextFrame,
  };
  const { maxReconnectAttempts: max, reconnectDelay, staleAfterMs } = settings;
  const wrong = [
    (max === Infinity || Number.isInteger(max)) && max >= 0
      ? ""
      : `maxReconnectAttempts is a whole number, 0 or more, or Infinity; not ${max}`,
    reconnectDelay > 0 ? "" : `reconnectDelay is more than 0 ms; not ${reconnectDelay}`,
    staleAfterMs > 0 ? "" : `staleAfterMs is more than 0 ms; not ${staleAfterMs}`,
  ].filter(Boolean);
  if (wrong.length > 0) throw new Error(`Price stream options: ${wrong.join("; ")}`);
  const Implementation = options.WebSocket ?? globalWebSocket();
  return { ...settings, WebSocket: Implementation };
}

function globalWebSocket(): WebSocketConstructor {
  if (typeof WebSocket === "function") return WebSocket;
  throw new Error("There is no WebSocket here; pass one as the option `WebSocket`");
}
