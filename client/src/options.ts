import { isToken, TOKEN_RULE } from "./address.ts";
import { type Clock, systemClock } from "./clock.ts";
import { nextFrame } from "./frame.ts";
import { isCount, isText, isTexts } from "./protocol/checks.ts";
import { INTERVAL_MS, isInterval } from "./protocol/client-message.ts";
import type { WebSocketConstructor } from "./socket.ts";
import { assetOf, streamUrl } from "./url.ts";

/** A value, or who gives it: asked before each attempt, so that it may change, or be fetched. */
export type Provided = string | (() => string | Promise<string>);

/** What `createPriceStream` takes. Everything but `url` has a default. */
export type StreamOptions = {
  /** http(s), ws(s), or relative to the page: `/ws/prices`. `/ws/prices/BTC` is the stream of one asset. */
  url: Provided;
  /**
   * Shown to the server: over WebSocket as the subprotocol `bearer.<token>`, over server-sent events as the
   * header `Authorization`, never in the URL. Letters, digits and `-._~`, as a JWT has them.
   */
  token?: Provided | undefined;
  /**
   * Ids or symbols. `"*"`, the default: every asset there is. With a list only these, and those
   * that have subscribers; with an empty one only the latter.
   */
  assets?: "*" | readonly string[] | undefined;
  /** Prices this often, ms: 100 to 60 000, or 0 for each tick. Default 1000. */
  interval?: number | undefined;
  /** Attempts to come back before giving up; 0: don't try, Infinity: don't give up. Default 10. */
  maxReconnectAttempts?: number | undefined;
  /** Longest wait before the first attempt, ms; it doubles up to 30 s. Default 1000. */
  reconnectDelay?: number | undefined;
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
  const options: Partial<StreamOptions> =
    typeof given === "string" ? { url: given } : (given ?? {});
  const { url = "", token, interval = 1000, reconnectDelay = 1000, verbose = false } = options;
  const { maxReconnectAttempts = 10, WebSocket = globalThis.WebSocket } = options;
  const asset = isText(url) ? assetOf(url) : undefined;
  const { assets = asset === undefined ? "*" : [asset] } = options;
  const { least, most } = INTERVAL_MS;
  const wrong = [
    isCount(maxReconnectAttempts) ||
      maxReconnectAttempts === Infinity ||
      "maxReconnectAttempts is a whole number, 0 or more, or Infinity",
    isText(url) || typeof url === "function" || "url is a string or a function",
    typeof token === "function" || isToken(token) || TOKEN_RULE,
    reconnectDelay > 0 || "reconnectDelay is more than 0 ms",
    isInterval(interval) || `interval is 0, or ${least} to ${most} ms`,
    assets === "*" || isTexts(assets) || 'assets is "*" or a list of names',
    WebSocket || "there is no WebSocket here: pass one as an option",
  ].filter(isText);
  if (wrong.length > 0) throw new Error(`Price stream options: ${wrong.join("; ")}`);
  return {
    url: isText(url) ? streamUrl(url) : url,
    token,
    assets,
    interval,
    maxReconnectAttempts,
    reconnectDelay,
    verbose,
    clock: options.clock ?? systemClock(),
    random: options.random ?? Math.random,
    nextFrame: options.nextFrame ?? nextFrame,
    WebSocket,
  };
}
