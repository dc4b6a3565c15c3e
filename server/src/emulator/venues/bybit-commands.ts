/**
 * What Bybit v5 answers to a message: https://bybit-exchange.github.io/docs/v5/ws/connect
 * The texts of refusals are those that public clients report.
 */

/** What one message leads to: a reply, and topics that it added. */
export type Outcome = {
  kind: "answer" | "heartbeat";
  reply: object;
  added: readonly string[];
  /** It named a topic that does not exist. */
  spoiled: boolean;
};

/** Most topics that one message may name. */
const MOST_ARGS = 10;

/** Carries out one message on the `held` topics. A refused one changes nothing. */
export function obey(
  held: Set<string>,
  text: string,
  connection: string,
  exists: (topic: string) => boolean,
): Outcome {
  const { op, args, req_id: id } = parse(text);
  const answer = (success: boolean, message: string, added: readonly string[] = []): Outcome => ({
    kind: "answer",
    reply: { success, ret_msg: message, conn_id: connection, req_id: id ?? "", op: op ?? "" },
    added,
    spoiled: message.startsWith(NOT_FOUND),
  });
  if (op === "ping") {
    const reply = { success: true, ret_msg: "pong", conn_id: connection, op };
    const named = id === undefined ? reply : { ...reply, req_id: id };
    return { kind: "heartbeat", reply: named, added: [], spoiled: false };
  }
  if (op !== "subscribe" && op !== "unsubscribe") return answer(false, "error:invalid op");
  const topics = Array.isArray(args) ? args.map(textOf) : [];
  if (topics.length > MOST_ARGS) return answer(false, `args size >${MOST_ARGS}`);
  if (op === "unsubscribe") {
    for (const topic of topics) held.delete(topic);
    return answer(true, "unsubscribe");
  }
  const stranger = topics.find((topic) => !exists(topic));
  if (stranger !== undefined) return answer(false, `${NOT_FOUND}${stranger}`);
  const twice = topics.find((topic) => held.has(topic));
  if (twice !== undefined) return answer(false, `error:already subscribed,topic:${twice}`);
  for (const topic of topics) held.add(topic);
  return answer(true, "subscribe", topics);
}

const NOT_FOUND = "error:handler not found,topic:";

const textOf = (topic: unknown) => (typeof topic === "string" ? topic : JSON.stringify(topic));

type Message = { op?: unknown; args?: unknown; req_id?: unknown };

function parse(text: string): Message {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null ? message : {};
  } catch {
    return {};
  }
}
