import { labelOf, type StreamEvent } from "../events.ts";
import type { Mirror, Price } from "../mirror.ts";
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
  const held = mirror.all();
  let greeted = false;
  let since: Position | undefined;

  const say = (message: ClientMessage) => send?.(encode(message));

  const sync = () => {
    if (greeted && send) ledger.next(since, held).forEach(say);
  };

  const apply = (message: UpdateMessage): Omit<StreamEvent, "label"> => {
    const { subscription, facts } = message;
    const at = Date.parse(message.timestamp);
    const answer = subscription && ledger.answered(subscription.changes ?? 1, held);
    const forgotten = answer?.forget ?? [];
    forgotten.forEach(mirror.forget);
    const told = mirror.update(message);
    if (subscription) ledger.settled(subscription.names);
    const isFirst = answer?.isFirst ?? false;
    // At first all that is held is told: it was for old since the last connection ended.
    const assets = isFirst ? [...held.keys()] : [...forgotten, ...told];
    const isFresh = [...held.values()].some(({ stale }) => !stale);
    return {
      state: isFresh ? "live" : "stale",
      reason: isFresh ? "Fresh prices arrive." : "There is no fresh price of what is asked for.",
      due: "never",
      news: {
        prices: assets.flatMap((asset) => held.get(asset) ?? []),
        absent: isFirst ? "gone" : "same",
        gone: assets.filter((asset) => !held.has(asset)),
        names: subscription?.names,
        continuous: !isFirst,
        ageMs({ staleSince, exchangeTime }, isFollowed) {
          // Of a price that is from before anybody looked the exchange may know when that was.
          const since = staleSince ?? (isFollowed ? null : exchangeTime);
          return since === null ? undefined : Math.max(0, at - since);
        },
      },
      ...(subscription?.unknown
        ? { complaint: `It knows no asset by the name of ${subscription.unknown.join(", ")}.` }
        : {}),
      ...(facts ? { source: mostOften(held.values()) } : {}),
    };
  };

  return {
    received(data: unknown) {
      const message = typeof data === "string" ? decodeServerMessage(data) : undefined;
      // Without the hello its numbers mean nothing.
      if (!message || (message.type === "price_update" && !greeted)) return on.ignored(1);
      const label = labelOf(message);
      const { type } = message;
      if (type === "hello") {
        since = mirror.hello(message) ? mirror.position() : undefined;
        greeted = true;
        if (send) ledger.connected(message.limits.assets);
        sync();
        const idle = {
          state: "stale",
          reason: "Connected; no asset is asked for.",
          due: "never",
        } as const;
        const silenceMs = message.heartbeatMs + LATE_MS;
        on.event({ label, silenceMs, ...(ledger.isIdle() ? idle : {}) });
      } else if (type === "price_update") {
        on.event({ label, ...apply(message) });
        if (message.subscription) sync();
      } else {
        if (type === "heartbeat") mirror.heartbeat(message);
        const complaint = type === "error" ? `${message.message} ${message.hint}` : "";
        on.event({ label, complaint, isAnswer: type === "pong" });
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

function mostOften(prices: Iterable<Price>): string {
  const counts = new Map<string, number>();
  let most = "";
  for (const { source } of prices) {
    const count = (counts.get(source) ?? 0) + 1;
    counts.set(source, count);
    if (count > (counts.get(most) ?? 0)) most = source;
  }
  return most;
}
