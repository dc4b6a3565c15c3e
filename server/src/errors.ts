/** Every failure that a person or a program is told of, on one page. */

/** What a client of the WebSocket is told, by code. */
export const clientErrors = {
  not_json: {
    message: "The message is no JSON object.",
    hint: 'Send a JSON object with a type, such as {"type":"ping"}.',
  },
  text_only: {
    message: "Binary messages are not understood.",
    hint: "Send JSON as text.",
  },
  unknown_type: {
    message: "The message has no type that this stream knows.",
    hint: "Known types: ping, get_status, get_price; with the subprotocol cryptovault.v1.json ping, subscribe, unsubscribe, echo.",
  },
  bad_subscription: {
    message: "The subscription can't be read.",
    hint: 'Send {"type":"subscribe","assets":["bitcoin","ETH"],"interval":1000}, or "assets":"*"; unsubscribe likewise, not mixed with it. Names have 1 to 64 characters, interval is 0 or 100 to 60000 ms, since is {"epoch":"…","seq":…}, more is true or left out. Parts that came before are dropped.',
  },
  cannot_exclude: {
    message: "Single assets can't be taken out of a subscription to all.",
    hint: 'Send {"type":"unsubscribe","assets":"*"} first, then subscribe to the assets you want.',
  },
  too_many_assets: {
    message: "The subscription names too many assets.",
    hint: 'The hello tells how many may be named. Subscribe to "*" to get all of them.',
  },
  bad_echo: {
    message: "The echo has no seq.",
    hint: 'Send {"type":"echo","seq":…} with the seq of the message that asked for it.',
  },
  bad_symbol: {
    message: "get_price needs a symbol.",
    hint: 'Name an asset by id or symbol: {"type":"get_price","symbol":"bitcoin"}.',
  },
  unknown_asset: {
    message: "There is no such asset.",
    hint: "GET /api/prices lists the ids and symbols that have a price.",
  },
  no_price: {
    message: "There is no price of this asset.",
    hint: "No source has priced it lately. GET /health tells which sources are connected.",
  },
  too_many_messages: {
    message: "Too many messages in one second.",
    hint: "Send at most 20 messages a second. Prices come by themselves, there is no need to ask.",
  },
  no_such_path: {
    message: "There is no stream at this path.",
    hint: "Connect to /ws/prices, or to /ws/prices/{symbol} for one asset.",
  },
  origin_not_allowed: {
    message: "Pages of this origin may not connect.",
    hint: "Whoever runs the gateway can add the origin of the page to --origins.",
  },
  token_missing: {
    message: "This stream is not for everybody: it wants a key or a token.",
    hint: "Send Authorization: Bearer <token>; a browser names the subprotocol bearer.<token> besides cryptovault.v1.json.",
  },
  token_refused: {
    message: "The token is not good here.",
    hint: "Ask whoever runs the gateway for a key, or for a token that is signed as it should be and has an exp.",
  },
  token_expired: {
    message: "The token is over.",
    hint: "Connect again with a new one. The SDK asks a token that is a function before each attempt.",
  },
  keys_unavailable: {
    message: "Tokens can't be checked at this moment.",
    hint: "Try again later. Whoever runs the gateway finds the reason in its log.",
  },
  protocol_error: {
    message: "A frame breaks the WebSocket protocol.",
    hint: "Clients mask every frame, set no reserved bits and finish a message before the next (RFC 6455, section 5).",
  },
  too_many_fragments: {
    message: "The message comes in too many parts.",
    hint: "Send each message as one frame.",
  },
  invalid_payload: {
    message: "The message is not UTF-8, or can't be inflated.",
    hint: "Send JSON as text in UTF-8.",
  },
  message_too_large: {
    message: "The message is longer than 4 KiB.",
    hint: "Split a long list of assets into several messages.",
  },
} as const;

export type ClientErrorCode = keyof typeof clientErrors;

/**
 * What a client is told before it is closed for a frame that can't be read, by close code.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
export const frameErrors = {
  1002: "protocol_error",
  1007: "invalid_payload",
  1008: "too_many_fragments",
  1009: "message_too_large",
} as const satisfies Record<number, ClientErrorCode>;

export type FrameErrorCode = keyof typeof frameErrors;

/** What who gets no connection is told by HTTP, by code. */
export const httpErrors = {
  too_many_clients_per_ip: {
    status: 429,
    retryAfterS: 30,
    message: "There are too many connections from this address.",
    hint: "Close some first. Whoever runs the gateway can allow more with --max-clients-per-ip.",
  },
  too_many_clients: {
    status: 503,
    retryAfterS: 30,
    message: "The gateway has no place left.",
    hint: "Try again later. Whoever runs the gateway can make room with --max-clients.",
  },
  draining: {
    status: 503,
    retryAfterS: 1,
    message: "The gateway is restarting.",
    hint: "Try again in a moment.",
  },
  too_many_handshakes_per_ip: {
    status: 429,
    retryAfterS: 1,
    message: "Too many connections from this address in one second.",
    hint: "Wait between attempts, each time longer.",
  },
  too_many_handshakes: {
    status: 503,
    retryAfterS: 1,
    message: "Too many clients connect at this moment.",
    hint: "Try again in a moment. Whoever runs the gateway can allow more with --max-handshakes.",
  },
  too_many_requests_per_ip: {
    status: 429,
    retryAfterS: 1,
    message: "Too many requests from this address in one second.",
    hint: "Prices that change are better had by a stream: /ws/prices or /sse/prices. Whoever runs the gateway can allow more with --max-requests-per-ip.",
  },
  bad_handshake: {
    status: 400,
    retryAfterS: undefined,
    message: "This is no WebSocket handshake.",
    hint: "Send GET with HTTP/1.1, Upgrade: websocket, Sec-WebSocket-Version: 13 and a Sec-WebSocket-Key; name no subprotocol twice.",
  },
  no_such_route: {
    status: 404,
    retryAfterS: undefined,
    message: "There is nothing at this address, or not by this method.",
    hint: "GET /api/prices, /api/prices/{asset}, /sse/prices, /health and /stats answer; streams are at /ws/prices.",
  },
  no_such_admin_route: {
    status: 404,
    retryAfterS: undefined,
    message: "There is nothing at this address of the admin port.",
    hint: "GET /metrics, /health, /readyz, /livez and /stats answer.",
  },
  metrics_closed: {
    status: 403,
    retryAfterS: undefined,
    message: "Metrics are not for everybody.",
    hint: "Set PRICE_STREAM_ADMIN_TOKEN and send Authorization: Bearer <token>, or serve them on a port of their own with --admin-port.",
  },
  admin_token_wanted: {
    status: 401,
    retryAfterS: undefined,
    message: "This wants the admin token.",
    hint: "Send Authorization: Bearer <token>, with that of PRICE_STREAM_ADMIN_TOKEN.",
  },
  bad_request: {
    status: 400,
    retryAfterS: undefined,
    message: "This is no HTTP request.",
    hint: "Speak HTTP/1.1. Where the address begins with https or wss, TLS ends at a proxy in front.",
  },
  internal_error: {
    status: 500,
    retryAfterS: undefined,
    message: "The gateway has failed at this request.",
    hint: "Try again. Whoever runs the gateway finds the reason in its log.",
  },
  request_timeout: {
    status: 408,
    retryAfterS: undefined,
    message: "The request did not come to its end in time.",
    hint: "Send the whole request at once.",
  },
  headers_too_large: {
    status: 431,
    retryAfterS: undefined,
    message: "The headers of the request are too long.",
    hint: "Send fewer or shorter headers and cookies.",
  },
} as const;

export type HttpErrorCode = keyof typeof httpErrors;

/** Why somebody is turned away, counted by these codes in `/health` and `/stats`. */
export type RefusalCode =
  | HttpErrorCode
  | ClientErrorCode
  /** What should have been TLS is none, or does not come to its end in time. */
  | "bad_tls"
  /** All TCP connections are taken: closed without a word. */
  | "too_many_connections"
  /** A client that no longer answers pings. */
  | "ping_unanswered";

/** What is wrong with the query of an address: told with HTTP 400, by code. */
export const queryErrors = {
  bad_assets: {
    message: "assets is no list of names.",
    hint: "Send assets=bitcoin,ETH: ids or symbols. Leave it out for all there are.",
  },
  bad_interval: {
    message: "There is no such interval.",
    hint: "Send interval=1000, in ms: 0 for each tick, or 100 to 60000.",
  },
  bad_since: {
    message: "since is no position.",
    hint: "Send since=<epoch>:<seq>, both as an earlier answer told them. Leave it out for all prices.",
  },
  too_many_assets: {
    message: "The query names too many assets.",
    hint: "Name fewer, or leave assets out to get all of them.",
  },
} as const;

export type QueryErrorCode = keyof typeof queryErrors;

/** Why something failed, in words. Anything can be thrown. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A failure of the operator's to mend: told in plain words, without a stack. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly exitCode: number;

  /** @param exitCode 2 for wrong use, 1 for anything else */
  constructor(message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
