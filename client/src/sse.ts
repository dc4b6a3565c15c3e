import type { StreamEvent } from "./events.ts";
import type { closeCodes } from "./protocol/close.ts";
import type { Position } from "./protocol/v1.ts";
import type { Address, ConnectionEvents, Transport, Wish } from "./transport.ts";
import { withoutAsset } from "./url.ts";
import { createV1Session, type Held } from "./v1/session.ts";

/** A longer address may not get through; then all assets are asked for, in characters. */
const LONGEST_LIST = 4000;
/** The address has to name something. It is not shown. */
const LEAST = "bitcoin";
/** The close codes that say so over WebSocket. */
const ORIGIN_NOT_ALLOWED: typeof closeCodes.originNotAllowed = 3502;
const TOKEN_REFUSED: typeof closeCodes.tokenRefused = 3504;

/**
 * The messages of `cryptovault.v1.json` as server-sent events, for where no WebSocket gets through. By
 * `fetch`, since an `EventSource` neither takes a token nor tells why it was refused. Nothing can be
 * asked on it: for other assets it connects anew, and the names of assets are not translated under `"*"`.
 */
export const overSse =
  ({ mirror, ledger }: Held, wish: () => Wish, interval: number): Transport =>
  (address, on) => {
    const heard = (event: StreamEvent) => {
      const { news } = event;
      // More may have been sent than is asked for.
      const prices = new Map([...(news?.prices ?? [])].filter(([asset]) => ledger.isAsked(asset)));
      // Where nothing can be asked, anything is as good as an answer.
      on.event({ ...event, isAnswer: true, news: news && { ...news, prices, changed: undefined } });
    };
    // What is asked for is in the address.
    const told = { ...ledger, connected() {} };
    const session = createV1Session({ mirror, ledger: told }, { ...on, event: heard }, () => {});
    let controller = new AbortController();

    /** What a new connection has to ask for. */
    const afresh = (since: Position | undefined) => {
      ledger.connected(Infinity);
      return ledger.next(since, mirror.all());
    };

    let isAll = false;
    const query = (): string => {
      let since = mirror.position();
      let messages = afresh(since);
      // An event's id holds for the whole list.
      if (!messages.every((message) => "since" in message)) {
        since = undefined;
        messages = afresh(since);
      }
      const lists = messages.map((message) => ("assets" in message ? message.assets : []));
      isAll = lists.includes("*");
      const list = isAll ? "*" : lists.flat().join();
      const params = new URLSearchParams({
        assets: list.length > LONGEST_LIST ? "*" : list || LEAST,
        interval: `${interval}`,
        ...(since ? { lastEventId: `${since.epoch}:${since.seq}` } : {}),
      });
      return params.toString();
    };

    const connect = () => {
      const mine = new AbortController();
      controller = mine;
      listen(address, query(), mine.signal, on, session.received).catch((error: unknown) => {
        if (mine.signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        on.closed(1006, `Server-sent events: ${why}.`);
      });
    };

    connect();
    return {
      wish() {
        if (isAll && wish().has("*")) return;
        if (ledger.next(undefined, mirror.all()).length === 0) return;
        controller.abort();
        connect();
      },
      ask: () => false,
      close: () => controller.abort(),
    };
  };

async function listen(
  { url, token }: Address,
  query: string,
  signal: AbortSignal,
  on: ConnectionEvents,
  received: (data: string) => void,
) {
  const base = withoutAsset(url).replace(/^ws/i, "http").replace("/ws/", "/sse/");
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`${base}?${query}`, { signal, headers, cache: "no-store" });
  const { ok, status, body } = response;
  if (!ok || !body) {
    const told: unknown = await response.json().catch(() => undefined);
    const { code, message }: Record<string, unknown> = Object(Object(told).error);
    const why = typeof message === "string" ? message : `HTTP ${status}`;
    if (code === "token_missing" || code === "token_refused") return on.closed(TOKEN_REFUSED, why);
    const closeCode = status === 403 ? ORIGIN_NOT_ALLOWED : 1006;
    const retryAfterMs = Number(response.headers.get("retry-after") ?? 0) * 1000 || 0;
    return on.closed(closeCode, `The server refuses server-sent events (${why}).`, retryAfterMs);
  }
  on.opened();
  const events = createEventReader((data) => {
    if (!signal.aborted) received(data);
  });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    on.received(value.length);
    events(value);
  }
  on.closed(1006, "The stream of events ended.");
}

/**
 * Calls `fn` with the data of each event.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventReader(fn: (data: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
      if (lines.length > 0) fn(lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n"));
    }
  };
}
