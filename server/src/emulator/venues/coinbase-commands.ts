/**
 * How Coinbase Exchange takes subscriptions:
 * https://docs.cdp.coinbase.com/exchange/websocket-feed/overview
 */

/** Channel name, as the exchange calls it, to the products subscribed to. */
export type Channels = Map<string, Set<string>>;

/** Products that were added by a message, by channel. */
export type Added = { channel: string; product: string }[];

/** What one message leads to: error frames, or the held subscriptions and what is new in them. */
export type Outcome = { errors: object[] } | { subscriptions: object; added: Added };

/** Whether a product can be subscribed to; `delisted` ones are refused with a reason of their own. */
export type ProductState = (product: string) => "online" | "delisted" | undefined;

/** Requested name to the name that the exchange uses from then on. */
const CHANNELS: ReadonlyMap<unknown, string> = new Map([
  ["ticker", "ticker"],
  ["ticker_batch", "ticker_1000"],
  ["ticker_1000", "ticker_1000"],
  ["heartbeat", "heartbeat"],
  ["matches", "matches"],
]);

const CLOSED_CHANNELS = new Set<unknown>(["level2", "level3", "full", "user"]);

/** Carries out one message on `channels`. A message with anything wrong in it changes nothing. */
export function obey(channels: Channels, text: string, stateOf: ProductState): Outcome {
  const message = parse(text);
  if (message === undefined) return { errors: [{ type: "error", message: "Malformed JSON" }] };
  const type: unknown = "type" in message ? message.type : undefined;
  if (type !== "subscribe" && type !== "unsubscribe") {
    return {
      errors: [{ type: "error", message: "Type has to be either subscribe or unsubscribe" }],
    };
  }
  const requests = readRequests(message);
  const reasons = requests.flatMap((request) => objections(request, type, stateOf));
  if (requests.length === 0) reasons.push("No channels provided");
  if (reasons.length > 0) {
    const failed = `Failed to ${type}`;
    const errors = [...new Set(reasons)].map((reason) => ({
      type: "error",
      message: failed,
      reason,
    }));
    return { errors };
  }
  const added = requests.flatMap((request) =>
    type === "subscribe" ? add(channels, request) : remove(channels, request),
  );
  return { subscriptions: held(channels), added };
}

type Request = { name: unknown; channel: string | undefined; products: unknown[] };

/** `channels: ["ticker", {name: "ticker", product_ids: [..]}]`; bare names take the outer products. */
function readRequests(message: object): Request[] {
  const outer = productsOf(message);
  const channels: unknown = "channels" in message ? message.channels : undefined;
  if (!Array.isArray(channels)) return [];
  return channels.map((entry: unknown) => {
    const isObject = typeof entry === "object" && entry !== null;
    const name: unknown = isObject && "name" in entry ? entry.name : entry;
    const own = isObject ? productsOf(entry) : [];
    return { name, channel: CHANNELS.get(name), products: own.length > 0 ? own : outer };
  });
}

function productsOf(holder: object): unknown[] {
  const products: unknown = "product_ids" in holder ? holder.product_ids : undefined;
  return Array.isArray(products) ? products : [];
}

function objections(request: Request, type: string, stateOf: ProductState): string[] {
  if (CLOSED_CHANNELS.has(request.name)) {
    return ["level2, level3, and full channels now require authentication."];
  }
  if (request.channel === undefined) return [`${String(request.name)} is not a valid channel`];
  if (type === "unsubscribe") return [];
  if (request.products.length === 0) {
    return [`You need to specify at least one product ID for channel ${request.channel}`];
  }
  return request.products.flatMap((product) => {
    const state = typeof product === "string" ? stateOf(product) : undefined;
    if (state === "online") return [];
    return [state ? `${product} is delisted` : `${product} is not a valid product`];
  });
}

function add(channels: Channels, { channel = "", products }: Request): Added {
  const held = channels.get(channel) ?? new Set();
  channels.set(channel, held);
  const added: Added = [];
  for (const product of products) {
    if (typeof product !== "string" || held.has(product)) continue;
    held.add(product);
    added.push({ channel, product });
  }
  return added;
}

/** Without products the whole channel is left. */
function remove(channels: Channels, { channel = "", products }: Request): Added {
  const held = channels.get(channel);
  for (const product of products) if (typeof product === "string") held?.delete(product);
  if (products.length === 0 || held?.size === 0) channels.delete(channel);
  return [];
}

/** Every answer lists all that is held, whatever was asked for. */
const held = (channels: Channels): object => ({
  type: "subscriptions",
  channels: [...channels].map(([name, products]) => ({
    name,
    product_ids: [...products],
    account_ids: null,
  })),
});

function parse(text: string): object | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}
