import { type Clock, every } from "../clock.ts";
import { formatMs } from "../format.ts";
import type { Connection } from "../sources/source.ts";
import type { LinkState, SourceEvent } from "../types.ts";
import { type BackoffBounds, backoffMs } from "./backoff.ts";
import type { Dial, Socket } from "./dial.ts";

export type RunnerTiming = {
  /** Time from the first packet to an open WebSocket, ms. */
  connectTimeoutMs: number;
  /** A link that brings no price for so long is dead, ms. */
  silenceMs: number;
  /** A link that has brought prices for so long is stable: failures are forgotten, ms. */
  stableMs: number;
  backoff: BackoffBounds;
  /** Wait after a refusal for good: the key may be paid for by then, ms. */
  fatalRetryMs: number;
};

export type RunnerOptions = {
  /** Asked for at each attempt. May take its time, and may reject with an Error that says why. */
  connection(): Promise<Connection>;
  dial: Dial;
  clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  timing: RunnerTiming;
  /** Reads a frame into the feed. `prices`: how many were taken. */
  frame(text: string): { event: SourceEvent; prices: number };
  changed(state: LinkState, reason: string): void;
};

export type Runner = ReturnType<typeof startRunner>;

/** From the last refused symbol to a subscription without the refused ones, ms. */
const SUBSCRIBE_AGAIN_MS = 500;

/** HTTP statuses that mean: not with this key, not from this region. Asking again will not help. */
const FATAL_STATUS: Record<number, string> = {
  401: "401 unauthorized: check the API key",
  402: "402 payment required: the plan or its credits do not cover this feed",
  403: "403 forbidden: check the API key and its plan",
  451: "451 not available from this region: run the gateway in another one",
};

/**
 * Owns the socket of one source: connects, watches, reconnects. Only a price is a sign of life;
 * acks and heartbeats are none.
 */
export function startRunner(options: RunnerOptions) {
  const { clock, timing } = options;
  let state: LinkState = "connecting";
  let reason = "starting";
  let socket: Socket | undefined;
  let failures = 0;
  let attempts = 0;
  let openedAt = 0;
  let liveSince: number | undefined;
  let lastDataAt: number | undefined;
  let stopped = false;
  /** Grows with each attempt: what an older one still says is not heard. */
  let generation = 0;
  let cancelTimer = () => {};
  let cancelSubscribe = () => {};
  /** Sends what a new connection has to say, once. */
  let greet = () => {};

  const enter = (next: LinkState, why: string) => {
    if (state === next && reason === why) return;
    state = next;
    reason = why;
    options.changed(next, why);
  };

  const hangUp = () => {
    generation++;
    cancelTimer();
    cancelSubscribe();
    socket?.destroy();
    socket = undefined;
    liveSince = undefined;
  };

  const fail = (why: string, waitAtLeastMs = 0) => {
    hangUp();
    failures++;
    const backoff = backoffMs(timing.backoff, failures, options.random());
    const wait = Math.max(waitAtLeastMs, backoff);
    enter("down", why);
    cancelTimer = clock.after(wait, attempt);
  };

  const giveUp = (why: string) => {
    hangUp();
    enter("fatal", why);
    cancelTimer = clock.after(timing.fatalRetryMs, attempt);
  };

  const watch = (keepAlive: Connection["keepAlive"]) => {
    const stopWatch = every(clock, Math.min(1000, timing.silenceMs / 4), () => {
      const silentMs = clock.now() - Math.max(openedAt, lastDataAt ?? 0);
      if (silentMs >= timing.silenceMs) fail(`connected, but no price for ${formatMs(silentMs)}`);
    });
    const stopPings =
      keepAlive && every(clock, keepAlive.everyMs, () => socket?.send(keepAlive.frame));
    cancelTimer = () => {
      stopWatch();
      stopPings?.();
    };
  };

  const onPrices = () => {
    lastDataAt = clock.now();
    liveSince ??= lastDataAt;
    if (lastDataAt - liveSince >= timing.stableMs) failures = 0;
    enter("live", "prices");
  };

  const subscribeAgain = async () => {
    const mine = generation;
    const connection = await options.connection().catch(() => undefined);
    if (mine === generation) for (const frame of connection?.send ?? []) socket?.send(frame);
  };

  const onText = (text: string) => {
    const { event, prices } = options.frame(text);
    if (prices > 0) onPrices();
    if (event.kind === "error" && event.symbols) {
      // One refused symbol may cost the whole subscription. All of them are told within a moment.
      cancelSubscribe();
      cancelSubscribe = clock.after(SUBSCRIBE_AGAIN_MS, subscribeAgain);
    }
    if (event.kind === "ready") greet();
    if (event.kind === "reconnect") fail(event.reason);
    if (event.kind === "error" && event.fatal) giveUp(event.message);
  };

  async function attempt() {
    const mine = ++generation;
    const current = () => mine === generation && !stopped;
    attempts++;
    enter("connecting", state === "connecting" ? reason : `again, after: ${reason}`);
    const connection = await options.connection().catch((error: Error) => error);
    if (!current()) return;
    if (connection instanceof Error) return fail(`no address to connect to: ${connection.message}`);
    const { url, send, sendOn = "open", keepAlive } = connection;
    greet = () => {
      greet = () => {};
      for (const frame of send) socket?.send(frame);
    };
    const timeout = () => fail(`no answer within ${formatMs(timing.connectTimeoutMs)}`);
    cancelTimer = clock.after(timing.connectTimeoutMs, timeout);
    const opened = options.dial(url, {
      opened() {
        if (!current()) return;
        cancelTimer();
        openedAt = clock.now();
        enter("open", "connected, no price yet");
        if (sendOn === "open") greet();
        watch(keepAlive);
      },
      text(frame) {
        if (current()) onText(frame);
      },
      refused(status, retryAfterMs) {
        if (!current()) return;
        const fatal = FATAL_STATUS[status];
        if (fatal) giveUp(fatal);
        else fail(`refused with HTTP ${status}`, retryAfterMs);
      },
      closed(why) {
        if (current()) fail(why);
      },
    });
    socket = opened;
  }

  void attempt();
  return {
    stats: () => ({ state, reason, reconnects: Math.max(0, attempts - 1) }),
    stop() {
      stopped = true;
      hangUp();
    },
  };
}
