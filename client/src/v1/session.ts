import { labelOf, type PriceNews, type PricesEvent } from "../events.ts";
import type { Mirror, MirroredAsset } from "../mirror.ts";
import {
  type ClientMessage,
  decodeServerMessage,
  encode,
  type Position,
  type UpdateMessage,
} from "../protocol/v1.ts";
import type { ConnectionEvents } from "../transport.ts";
import type { Ledger } from "./ledger.ts";

/** A heartbeat may be so late, ms. */
const LATE_MS = 5000;

/** What is kept from one connection to the next. */
export type Held = { mirror: Mirror; ledger: Ledger };

export type V1Session = ReturnType<typeof createV1Session>;

/**
 * Reads `cryptovault.v1.json` on one connection.
 * @param send undefined where the other end can't be spoken to: nothing is asked for then
 */
export function createV1Session(
  { mirror, ledger }: Held,
  on: Pick<ConnectionEvents, "event" | "ignored">,
  send: ((text: string) => void) | undefined,
) {
  let greeted = false;
  let since: Position | undefined;

  const say = (message: ClientMessage) => send?.(encode(message));
  const isKnown = (id: string): boolean => mirror.get(id) !== undefined;
  const hasFresh = (): boolean => {
    for (const { staleSince } of mirror.all().values()) if (staleSince === null) return true;
    return false;
  };

  const apply = (message: UpdateMessage): PricesEvent => {
    const { subscription, timestamp } = message;
    const answer = subscription && ledger.answered(subscription.changes ?? 1, mirror.all().keys());
    const forget = answer?.forget ?? [];
    for (const id of forget) mirror.forget(id);
    const told = mirror.update(message);
    if (subscription) ledger.settled(subscription.names);
    const isFirst = answer?.isFirst ?? false;
    const now = Date.parse(timestamp);
    const news: PriceNews[] = [];
    const gone = [...forget];
    // At first all that is held is told: it was for old since the last connection ended.
    for (const id of isFirst ? mirror.all().keys() : told) {
      const row = mirror.get(id);
      if (row) news.push(newsOf(row, now, isFirst));
      else gone.push(id);
    }
    return {
      kind: "prices",
      news,
      absent: isFirst ? "gone" : "same",
      gone: gone.filter((id) => !isKnown(id)),
      ...(subscription?.names ? { names: subscription.names } : {}),
      source: message.facts ? mostOften(mirror.all().values()) : null,
      steady: false,
      fresh: hasFresh(),
    };
  };

  const sync = () => {
    if (!greeted || !send) return;
    for (const message of ledger.next(since, isKnown)) say(message);
  };

  return {
    received(data: unknown) {
      const message = typeof data === "string" ? decodeServerMessage(data) : undefined;
      if (!message) return on.ignored(1);
      const label = labelOf(message);
      switch (message.type) {
        case "hello": {
          const { epoch, heartbeatMs, limits } = message;
          since = mirror.hello(message) ? mirror.position() : undefined;
          greeted = true;
          on.event({ kind: "hello", label, silenceMs: heartbeatMs + LATE_MS, epoch });
          if (!send) return;
          ledger.connected(limits);
          sync();
          if (ledger.isIdle()) on.event({ kind: "idle", label });
          return;
        }
        case "price_update":
          on.event({ label, ...apply(message) });
          if (message.echo) say({ type: "echo", seq: message.seq });
          if (message.subscription) sync();
          return;
        case "heartbeat":
          mirror.heartbeat(message);
          if (message.echo) say({ type: "echo", seq: message.seq });
          return on.event({ kind: "unchanged", label });
        case "error":
          return on.event({ kind: "complaint", label, text: `${message.message} ${message.hint}` });
        default:
          return on.event({ kind: "answer", label });
      }
    },

    /** Asks for what is wished for now, and was not yet. */
    sync,

    ask() {
      say({ type: "ping" });
    },
  };
}

const newsOf = (
  {
    asset,
    price,
    quote,
    derivedFrom,
    thin,
    change24h,
    source,
    staleSince,
    exchangeTime,
  }: MirroredAsset,
  now: number,
  isFirst: boolean,
): PriceNews => {
  // Of what was priced before this connection the exchange may know when that was.
  const since = staleSince ?? (isFirst ? exchangeTime : null);
  return {
    asset,
    price,
    quote,
    derivedFrom,
    thin,
    change24h,
    source,
    stale: staleSince !== null,
    ageMs: since === null ? undefined : Math.max(0, now - since),
  };
};

function mostOften(rows: Iterable<MirroredAsset>): string | null {
  const counts = new Map<string, number>();
  let most: string | null = null;
  for (const { source } of rows) {
    const count = (counts.get(source) ?? 0) + 1;
    counts.set(source, count);
    if (count > (counts.get(most ?? "") ?? 0)) most = source;
  }
  return most;
}
