import { backoffMs } from "./backoff.ts";
import { every } from "./clock.ts";
import { parseMessage } from "./messages.ts";
import type { Settings } from "./options.ts";
import { type StreamEvent, toEvent } from "./plain.ts";
import { isTerminalClose } from "./protocol.ts";
import { openSocket, type Socket } from "./socket.ts";
import { createVitals } from "./vitals.ts";
import { isOffline, onWake } from "./wake.ts";

/** A link that has held for so long makes attempts count from 1 again, ms. */
const PROVEN_MS = 10_000;
const CHECK_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

const GET_STATUS = JSON.stringify({ type: "get_status" });

/** The reason of `failed` when every attempt was in vain. */
const GAVE_UP = "Failed to establish price stream connection";

/**
 * `connecting`: the first attempt. `live`: fresh prices come. `stale`: the link is fine, but no
 * fresh price is to be had. `reconnecting`: waiting for an attempt, or in one. `failed`: given up,
 * or refused for good. `closed`: by the application.
 */
export type LinkState = "connecting" | "live" | "stale" | "reconnecting" | "failed" | "closed";

export type LinkStatus = {
  readonly state: LinkState;
  /** Why, in a sentence for people. */
  readonly reason: string;
  /** Number of the attempt under way or waited for; 0 on the first connection. */
  readonly attempt: number;
  /** While waiting for an attempt: how long, from when this state began, ms. */
  readonly nextAttemptInMs?: number;
};

export type LinkEvents = {
  /** `first`: no price came before it on the same connection. */
  event(event: StreamEvent, first: boolean): void;
  /** Something of no use came. */
  ignored(count: number): void;
  /** The status may have changed. */
  changed(): void;
  log(text: string): void;
};

/** Keeps one connection to the server: attempts, watchdog, and the state that makes. */
export function createLink(settings: Settings, on: LinkEvents) {
  const { url, clock, random, maxReconnectAttempts, reconnectDelay } = settings;
  const connecting = `Connecting to ${url}`;
  let status: LinkStatus = { state: "connecting", reason: connecting, attempt: 0 };
  let socket: Socket | undefined;
  let vitals = createVitals(clock.now());
  let attempt = 0;
  let waiting = false;
  let cancelWait = () => {};
  let provenSince: number | undefined;
  /** Trying again would end the same. */
  let refused = false;
  let stop = () => {};

  const enter = (state: LinkState, reason: string, nextAttemptInMs?: number) => {
    const wait = nextAttemptInMs === undefined ? {} : { nextAttemptInMs };
    status = { state, reason, attempt, ...wait };
    on.changed();
  };

  const hangUp = () => {
    cancelWait();
    waiting = false;
    provenSince = undefined;
    socket?.close();
    socket = undefined;
  };

  const fail = (reason: string) => {
    hangUp();
    on.log(reason);
    enter("failed", reason);
  };

  const refuse = (reason: string) => {
    refused = true;
    fail(reason);
  };

  const open = () => {
    hangUp();
    const state = attempt === 0 ? "connecting" : "reconnecting";
    if (isOffline(url)) {
      waiting = true;
      return enter(state, "This device is offline.");
    }
    vitals = createVitals(clock.now());
    try {
      socket = openSocket(settings.WebSocket, url, { received, closed });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return refuse(`No connection can be made from here: ${why}`);
    }
    enter(state, connecting);
  };

  const lose = (reason: string) => {
    hangUp();
    if (attempt >= maxReconnectAttempts) {
      on.log(reason);
      return fail(GAVE_UP);
    }
    attempt++;
    const bounds = { baseMs: reconnectDelay, capMs: LONGEST_WAIT_MS };
    const waitMs = backoffMs(bounds, attempt, random());
    on.log(`${reason} Attempt ${attempt}/${maxReconnectAttempts} in ${waitMs} ms`);
    waiting = true;
    cancelWait = clock.after(waitMs, open);
    enter("reconnecting", reason, waitMs);
  };

  const closed = (code: number, told: string) => {
    if (isTerminalClose(code)) {
      return refuse(told || `The server refuses this connection (code ${code}).`);
    }
    const how = vitals.answered()
      ? `The connection was lost (code ${code}).`
      : "The connection could not be made.";
    lose(told || how);
  };

  const hold = (state: "live" | "stale", reason: string) => {
    if (status.state === state && status.reason === reason) return;
    provenSince ??= clock.now();
    on.log(reason);
    enter(state, reason);
  };

  const received = (data: unknown) => {
    const { message, ignored } = parseMessage(data);
    if (ignored > 0) on.ignored(ignored);
    if (!message) return;
    const event = toEvent(message);
    on.event(event, !vitals.priced());
    vitals.heard(event, clock.now());
    if (event.kind === "hello") {
      on.log("Connected to price stream");
      socket?.send(GET_STATUS);
    } else if (event.kind === "complaint") {
      on.log(`The server complains: ${event.text}`);
    } else if (event.kind === "prices") {
      if (event.news.some(({ stale }) => !stale)) hold("live", "Fresh prices arrive.");
      else hold("stale", "The server has no fresh price at the moment.");
    } else if (event.kind === "server" && event.state !== "connected") {
      if (event.state === "stale") hold("stale", "No exchange brings the server a fresh price.");
      else hold("stale", "The server is waiting for its first price.");
    }
    on.changed();
  };

  const check = () => {
    if (!socket) return;
    const now = clock.now();
    const failure = vitals.failure(now);
    if (failure) return lose(failure);
    if (vitals.shouldAsk(now)) socket.send(GET_STATUS);
    if (attempt > 0 && provenSince !== undefined && now - provenSince >= PROVEN_MS) {
      attempt = 0;
      enter(status.state, status.reason);
    }
  };

  const wake = () => {
    // Given up: one more attempt for each waking, since their number stays exhausted.
    const forgotten = status.state === "failed" && !refused && maxReconnectAttempts > 0;
    if (waiting || forgotten) open();
    else check();
  };

  return {
    status: () => status,

    start() {
      const undos = [every(clock, CHECK_MS, check), onWake(wake)];
      stop = () => {
        for (const undo of undos) undo();
      };
      open();
    },

    /** Tries at once: anew after `failed`, ahead of time while waiting. */
    retry() {
      if (status.state === "failed") attempt = 0;
      else if (!waiting) return;
      refused = false;
      open();
    },

    close() {
      if (status.state === "closed") return;
      stop();
      hangUp();
      enter("closed", "Closed by the application.");
    },
  };
}
