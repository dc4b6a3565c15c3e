import { type Clock, every } from "../../clock.ts";
import { reasonOf } from "../../errors.ts";
import { formatMs } from "../../format.ts";
import type { Connection, SourceFacts } from "../../sources/source.ts";
import type { SourceEvent } from "../../types.ts";
import type { Dial, Socket } from "./dial.ts";
import { createOutbox } from "./outbox.ts";
import { type Ending, refusalOf } from "./refusal.ts";
import { RestError } from "./rest.ts";

export type AttemptTiming = {
  /** Time from the first packet to an open WebSocket, ms. */
  connectTimeoutMs: number;
  /** A connection that brings no price for so long is dead, ms. */
  silenceMs: number;
  /** The age at which the exchange cuts a connection, ms. */
  lifetimeMs?: number | undefined;
};

export type AttemptOptions = {
  /** Asked for once. May take its time, and may reject with an Error that says why. */
  connection(): Promise<Connection>;
  facts: Pick<SourceFacts, "keyVariable" | "limits" | "regionHint">;
  dial: Dial;
  clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  timing: AttemptTiming;
  /** Reads a frame into the feed. `prices`: how many were taken. */
  frame(text: string): { event: SourceEvent; prices: number };
  /** These symbols are not known to the exchange. Tells whether that is news. */
  refuse(symbols: readonly string[]): boolean;
};

/** What an attempt tells. After `ended`, and once it is stopped, nothing more. */
export type AttemptEvents = {
  opened(): void;
  /** A frame brought prices. */
  prices(): void;
  /** It goes on, but must be replaced; nothing is to be asked of the exchange for `waitMs`. */
  leaving(reason: string, waitMs: number): void;
  ended(ending: Ending): void;
};

export type Attempt = {
  isOpen(): boolean;
  /** All that it has to say has been sent. */
  isSubscribed(): boolean;
  /** Cuts the connection, without `ended`. */
  stop(): void;
};

/** A connection is replaced at this part of its lifetime, give or take the jitter: 23 of 24 h. */
const LEAVE_AT = 23 / 24;
const LEAVE_JITTER = 0.5 / 24;

/**
 * One attempt to get prices, from asking for the address to the end of its socket. It subscribes,
 * keeps alive and watches: only a price is a sign of life; acks and heartbeats are none, and a
 * socket whose other end is gone may never say so.
 */
export function startAttempt(options: AttemptOptions, events: AttemptEvents): Attempt {
  const { clock, timing, facts } = options;
  let socket: Socket | undefined;
  let isOpen = false;
  let over = false;
  let lastSignAt = 0;
  let cancelTimer = () => {};
  let cancelLeaving = () => {};
  let stopPings = () => {};
  let subscribe = () => {};
  const outbox = createOutbox(clock, facts.limits?.messages, (frame) => socket?.send(frame));

  const stop = () => {
    over = true;
    cancelTimer();
    cancelLeaving();
    stopPings();
    outbox.clear();
    socket?.destroy();
  };

  const end = (ending: Ending) => {
    if (over) return;
    stop();
    events.ended(ending);
  };
  const fail = (reason: string) => end({ reason, fatal: false, waitMs: 0 });

  const watch = () => {
    const silentMs = clock.now() - lastSignAt;
    if (silentMs >= timing.silenceMs) fail(`connected, but no price for ${formatMs(silentMs)}`);
    else cancelTimer = clock.after(timing.silenceMs - silentMs, watch);
  };

  const leaveInTime = (lifetimeMs: number) => {
    const at = LEAVE_AT + LEAVE_JITTER * (2 * options.random() - 1);
    cancelLeaving = clock.after(lifetimeMs * at, () =>
      events.leaving(`the exchange cuts connections after ${formatMs(lifetimeMs)}`, 0),
    );
  };

  const onError = ({ message, fatal, symbols, retryAfterMs }: SourceEvent & { kind: "error" }) => {
    if (fatal) return end({ reason: message, fatal, waitMs: 0 });
    if (retryAfterMs !== undefined) {
      outbox.clear();
      events.leaving(message, retryAfterMs);
    } else if (symbols && options.refuse(symbols)) {
      // What became of the rest of the subscription differs by exchange; a new connection is sure.
      events.leaving(`subscribing again without ${symbols.join(", ")}`, 0);
    }
  };

  const onText = (text: string) => {
    const { event, prices } = options.frame(text);
    if (prices > 0) {
      lastSignAt = clock.now();
      events.prices();
    }
    if (event.kind === "ready") subscribe();
    if (event.kind === "reconnect") events.leaving(event.reason, 0);
    if (event.kind === "error") onError(event);
  };

  const open = ({ url, send, sendOn = "open", keepAlive }: Connection) => {
    if (over) return;
    subscribe = () => {
      subscribe = () => {};
      outbox.put(send);
    };
    const tooLate = () => fail(`no answer within ${formatMs(timing.connectTimeoutMs)}`);
    cancelTimer = clock.after(timing.connectTimeoutMs, tooLate);
    socket = options.dial(url, {
      opened() {
        if (over) return;
        cancelTimer();
        isOpen = true;
        lastSignAt = clock.now();
        watch();
        if (timing.lifetimeMs !== undefined) leaveInTime(timing.lifetimeMs);
        if (keepAlive) {
          stopPings = every(clock, keepAlive.everyMs, () => outbox.put([keepAlive.frame]));
        }
        events.opened();
        if (sendOn === "open") subscribe();
      },
      text(frame) {
        if (!over) onText(frame);
      },
      refused: (status, retryAfterMs) => end(refusalOf(status, retryAfterMs, facts)),
      closed: fail,
    });
  };

  options
    .connection()
    .then(open)
    .catch((error: unknown) => {
      const reason = reasonOf(error);
      if (!(error instanceof RestError)) return fail(`no address to connect to: ${reason}`);
      const refusal = refusalOf(error.status, error.retryAfterMs, facts);
      end({ ...refusal, reason: `no address to connect to: ${refusal.reason}` });
    });
  return { isOpen: () => isOpen, isSubscribed: outbox.isEmpty, stop };
}
