/**
 * How OKX takes subscriptions: https://www.okx.com/docs-v5/en/#overview-websocket-subscribe
 * The texts of its errors are those of real ones.
 */

/** Answers in their order, and the instruments that were added. */
export type Outcome = { answers: object[]; added: string[] };

type Arg = { channel?: unknown; instId?: unknown };

/** Carries out one message on `held`, the instruments whose tickers are subscribed to. */
export function obey(
  held: Set<string>,
  text: string,
  connId: string,
  isListed: (instrument: string) => boolean,
): Outcome {
  const { id, op, args } = parse(text);
  const echo = typeof id === "string" ? { id } : {};
  const fail = (code: string, msg: string) => ({ ...echo, event: "error", msg, code, connId });
  if ((op !== "subscribe" && op !== "unsubscribe") || !Array.isArray(args)) {
    return { answers: [fail("60012", `Invalid request: ${text}`)], added: [] };
  }

  const outcome: Outcome = { answers: [], added: [] };
  for (const { channel, instId } of args.map((arg): Arg => Object(arg))) {
    if (channel !== "tickers" || typeof instId !== "string" || !isListed(instId)) {
      const what = `channel:${channel},instId:${instId}`;
      outcome.answers.push(fail("60018", `Subscribe failed, wrong URL or ${what} ${NO_SUCH}`));
      continue;
    }
    outcome.answers.push({ ...echo, event: op, arg: { channel, instId }, connId });
    if (op === "unsubscribe") held.delete(instId);
    else if (!held.has(instId)) {
      held.add(instId);
      outcome.added.push(instId);
    }
  }
  return outcome;
}

const NO_SUCH =
  "doesn't exist. Please use the correct URL, channel and parameters referring to API document.";

/** What is sent for one request too many. */
export const tooFrequent = (connId: string): object => ({
  event: "error",
  msg: "Requests too frequent",
  code: "60014",
  connId,
});

function parse(text: string): { id?: unknown; op?: unknown; args?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
