import { labelOf, type Price, type PricesEvent } from "../events.ts";
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

  const sync = () => {
    if (greeted && send) ledger.next(since, mirror.all()).forEach(say);
  };

  const apply = (message: UpdateMessage): PricesEvent => {
    const { subscription } = message;
    const answer = subscription && ledger.answered(subscription.changes ?? 1, mirror.all());
    const forgotten = answer?.forget ?? [];
    forgotten.forEach(mirror.forget);
    const told = mirror.update(message);
    if (subscription) ledger.settled(subscription.names);
    const isFirst = answer?.isFirst ?? false;
    // At first all that is held is told: it was for old since the last connection ended.
    const assets = isFirst ? [...mirror.all().keys()] : [...forgotten, ...told];
    const rows = assets.flatMap((asset) => shown(mirror.get(asset)));
    return {
      kind: "prices",
      rows,
      at: Date.parse(message.timestamp),
      absent: isFirst ? "gone" : "same",
      gone: assets.filter((asset) => !mirror.get(asset)),
      names: subscription?.names,
      source: message.facts ? mostOften(mirror.all().values()) : null,
      steady: false,
      fresh: hasFresh(mirror.all().values()),
    };
  };

  return {
    received(data: unknown) {
      const message = typeof data === "string" ? decodeServerMessage(data) : undefined;
      if (!message) return on.ignored(1);
      const label = labelOf(message);
      const { type } = message;
      if (type === "hello") {
        since = mirror.hello(message) ? mirror.position() : undefined;
        greeted = true;
        on.event({ kind: "hello", label, silenceMs: message.heartbeatMs + LATE_MS });
        if (send) ledger.connected(message.limits.assets);
        sync();
        if (ledger.isIdle()) on.event({ kind: "idle", label });
      } else if (type === "price_update") {
        on.event({ label, ...apply(message) });
        if (message.subscription) sync();
      } else if (type === "heartbeat") {
        mirror.heartbeat(message);
        on.event({ kind: "unchanged", label });
      } else if (type === "error") {
        on.event({ kind: "complaint", label, text: `${message.message} ${message.hint}` });
      } else {
        on.event({ kind: "answer", label });
      }
      if ("echo" in message && message.echo) say({ type: "echo", seq: message.seq });
    },

    /** Asks for what is wished for now, and was not yet. */
    sync,

    ask() {
      say({ type: "ping" });
    },
  };
}

const shown = (row: MirroredAsset | undefined): Price[] =>
  row ? [{ ...row, stale: row.staleSince !== null }] : [];

function hasFresh(rows: Iterable<MirroredAsset>): boolean {
  for (const { staleSince } of rows) if (staleSince === null) return true;
  return false;
}

function mostOften(rows: Iterable<MirroredAsset>): string | null {
  const counts = new Map<string, number>();
  let most = "";
  for (const { source } of rows) {
    const count = (counts.get(source) ?? 0) + 1;
    counts.set(source, count);
    if (count > (counts.get(most) ?? 0)) most = source;
  }
  return most || null;
}
