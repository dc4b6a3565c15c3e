/** Every failure that a person or a program is told of, on one page. */

/** What a client of the WebSocket is told, by code. */
export const clientErrors = {
  not_json: {
    message: "The message is not JSON.",
    hint: 'Send {"type":"ping"}, {"type":"get_status"} or {"type":"get_price","symbol":"bitcoin"}.',
  },
  text_only: {
    message: "Binary messages are not understood.",
    hint: "Send JSON as text.",
  },
  unknown_type: {
    message: "The message has no type that this stream knows.",
    hint: "Known types: ping, get_status, get_price.",
  },
  bad_subscription: {
    message: "The subscription can't be read.",
    hint: 'Send {"type":"subscribe","assets":["bitcoin","ETH"],"interval":1000}, or "assets":"*". The interval is 0 or 100 to 60000 ms.',
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
} as const;

export type ClientErrorCode = keyof typeof clientErrors;

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
