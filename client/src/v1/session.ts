import { labelOf, type StreamEvent } from "../events.ts";
import type { Mirror, Price } from "../mirror.ts";
import {
  type ClientMessage,
  decodeServerMessage,
  encode,
  type ServerMessage,
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
 */
export function createV1Session(
  { mirror, ledger }: Held,
  on: Pick<ConnectionEvents, "event" | "ignored">,
  send: (text: string) => void,
) {
  const held = mirror.all();
  let greeted = false;
  /** It was told what it did not hold at first. */
  let continuous = false;

  const say = (message: ClientMessage) => send(encode(message));

  const sync = () => {
    if (greeted) ledger.next(mirror.position(), held).forEach(say);
  };

  /** What a message means, once it was applied. */
  const read = (message: ServerMessage): Omit<StreamEvent, "label"> => {
    switch (message.type) {
      case "hello":
        mirror.hello(message);
        greeted = true;
        continuous = false;
        ledger.connected(message.limits.assets);
        sync();
        return { silenceMs: message.heartbeatMs + LATE_MS };
      case "price_update":
        return apply(message);
      case "heartbeat":
        mirror.heartbeat(message);
        return {};
      case "pong":
        return { isAnswer: true };
      case "error":
        if (message.code === "bad_subscription") ledger.refused();
        return { complaint: `${message.message} ${message.hint}`, isSettled: true };
    }
  };

  const apply = (message: UpdateMessage): Omit<StreamEvent, "label"> => {
    const { subscription, facts } = message;
    const at = Date.parse(message.timestamp);
    const ended = subscription ? ledger.answered(subscription, held) : [];
    ended.forEach(mirror.forget);
    const changed = [...ended, ...mirror.update(message)];
    const news = {
      prices: held,
      changed: continuous ? changed : undefined,
      names: subscription?.names,
      continuous,
      ageMs({ staleSince, exchangeTime }: Price, isFollowed: boolean) {
        // Of a price that is from before anybody looked the exchange may know when that was.
        const since = staleSince ?? (isFollowed ? null : exchangeTime);
        return since && Math.max(0, at - since);
      },
    };
    continuous = true;
    const unknown = subscription?.unknown;
    return {
      due: "never",
      news,
      isSettled: subscription !== undefined,
      source: facts && mostOften(held.values()),
      complaint: unknown && `It knows no asset by the name of ${unknown.join(", ")}.`,
    };
  };

  return {
    received(text: string) {
      const message = decodeServerMessage(text);
      // Without the hello its numbers mean nothing.
      if (!message || (message.type === "price_update" && !greeted)) return on.ignored(1);
      const meaning = read(message);
      const isIdle = greeted && ledger.isIdle();
      on.event({ label: labelOf(message), ...meaning, ...(isIdle && NOTHING_ASKED) });
      if ("echo" in message) say({ type: "echo", seq: message.seq });
    },

    /** Asks for what is wished for now, and was not yet. */
    sync,

    ask() {
      say({ type: "ping" });
      return true;
    },
  };
}

const NOTHING_ASKED = { idle: "Connected; no asset is asked for.", due: "never" } as const;

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
