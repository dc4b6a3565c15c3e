/**
 * What Kraken answers to a message. The form of the answers is documented, and the text for unknown
 * pairs; `Already subscribed` was seen by a public client; the other texts are made up.
 * https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/ticker
 */
import { microseconds } from "../timestamps.ts";

/** Answers in their order, and the symbols whose snapshot is due after them. */
export type Outcome = { answers: object[]; snapshots: string[] };

const TRIGGERS: readonly unknown[] = ["trades", "bbo"];

/** Carries out one message on `held`, the symbols subscribed to. `now` in ms. */
export function obey(
  held: Set<string>,
  text: string,
  isListed: (symbol: string) => boolean,
  now: number,
): Outcome {
  const message = parse(text);
  const { method, req_id, params } = message;
  const stamp = { time_in: microseconds(now, 101), time_out: microseconds(now, 143) };
  const id = req_id === undefined ? {} : { req_id };
  const fail = (error: string, symbol?: string) => ({
    error,
    ...(typeof method === "string" ? { method } : {}),
    ...id,
    success: false,
    ...(symbol === undefined ? {} : { symbol }),
    ...stamp,
  });
  if (method === "ping") return only({ method: "pong", ...id, ...stamp });
  if (method !== "subscribe" && method !== "unsubscribe") return only(fail("Unsupported method"));
  const { channel, symbol: symbols, event_trigger = "trades", snapshot = true } = recordOf(params);
  if (channel !== "ticker") return only(fail("Unsupported channel"));
  if (!Array.isArray(symbols) || !TRIGGERS.includes(event_trigger)) {
    return only(fail("Malformed request"));
  }

  const outcome: Outcome = { answers: [], snapshots: [] };
  for (const symbol of symbols.map(String)) {
    const objection = objectionTo(method, symbol, held, isListed);
    if (objection !== undefined) {
      outcome.answers.push(fail(objection, symbol));
      continue;
    }
    const asked = method === "subscribe" ? { event_trigger, snapshot } : { event_trigger };
    const result = { channel, ...asked, symbol };
    outcome.answers.push({ method, ...id, result, success: true, ...stamp });
    if (method === "unsubscribe") held.delete(symbol);
    else held.add(symbol);
    if (method === "subscribe" && snapshot === true) outcome.snapshots.push(symbol);
  }
  return outcome;
}

function objectionTo(
  method: "subscribe" | "unsubscribe",
  symbol: string,
  held: ReadonlySet<string>,
  isListed: (symbol: string) => boolean,
): string | undefined {
  if (method === "unsubscribe") return held.has(symbol) ? undefined : "Subscription not found";
  if (!isListed(symbol)) return `Currency pair not supported ${symbol}`;
  return held.has(symbol) ? "Already subscribed" : undefined;
}

const only = (answer: object): Outcome => ({ answers: [answer], snapshots: [] });

function parse(text: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? { ...value } : {};
