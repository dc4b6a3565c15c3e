/**
 * What KuCoin answers to a message:
 * https://www.kucoin.com/docs-new/websocket-api/base-info/introduction
 * Codes are documented, the text of 404 is what public clients report. How a topic of many symbols
 * is refused for the sake of one was never seen: here the first bad one is named.
 */

/** What one message leads to: a reply, if it wants one, and what is subscribed to from then on. */
export type Outcome = {
  kind: "answer" | "heartbeat";
  reply: object | undefined;
  held: ReadonlySet<string>;
};

const TICKER = "/market/ticker:";

/** Most symbols in one topic, and on one connection. */
const MOST_SYMBOLS = 100;
const MOST_HELD = 400;

/** Carries out one message on the `held` symbols, `all` among them. A refused one changes nothing. */
export function obey(
  held: ReadonlySet<string>,
  text: string,
  exists: (symbol: string) => boolean,
): Outcome {
  const { id: named, type, topic, response } = parse(text);
  // It comes back as text.
  const id = typeof named === "string" ? named : JSON.stringify(named);
  if (type === "ping") return { kind: "heartbeat", reply: { id, type: "pong" }, held };
  const fail = (code: number, data: string): Outcome => ({
    kind: "answer",
    reply: { id, type: "error", code, data },
    held,
  });
  if (type !== "subscribe" && type !== "unsubscribe") return fail(415, "command type is invalid");
  if (typeof topic !== "string") return fail(406, "topic is required");
  if (/\s|:$|,,/.test(topic)) return fail(400, `topic ${topic} is invalid`);
  if (!topic.startsWith(TICKER)) return fail(404, `topic ${topic} is not found`);

  const symbols = new Set(topic.slice(TICKER.length).split(","));
  const after = type === "subscribe" ? held.union(symbols) : held.difference(symbols);
  const stranger = [...symbols].find((symbol) => symbol !== "all" && !exists(symbol));
  if (stranger !== undefined) return fail(404, `topic ${TICKER}${stranger} is not found`);
  const tooMany = "exceed max subscription count limitation of";
  if (symbols.size > MOST_SYMBOLS) return fail(509, `${tooMany} ${MOST_SYMBOLS} per time`);
  if (after.size > MOST_HELD) return fail(509, `${tooMany} ${MOST_HELD} per session`);
  const reply = response === true ? { id, type: "ack" } : undefined;
  return { kind: "answer", reply, held: after };
}

type Message = { id?: unknown; type?: unknown; topic?: unknown; response?: unknown };

function parse(text: string): Message {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null ? message : {};
  } catch {
    return {};
  }
}
