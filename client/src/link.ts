import { addressOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { every } from "./clock.ts";
import type { StreamEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import { isTerminalClose } from "./protocol.ts";
import type { Address, Connection, Transport, TransportName } from "./transport.ts";
import { better, turnAt, WAYS } from "./turns.ts";
import { createVitals } from "./vitals.ts";
import { isOffline, onWake } from "./wake.ts";

/** A link that has held for so long makes attempts count from 1 again, ms. */
const PROVEN_MS = 10_000;
const CHECK_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

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
  event(event: StreamEvent): void;
  /** Something came, so many characters long. */
  received(length: number): void;
  /** Something of no use came. */
  ignored(count: number): void;
  /** The status may have changed. */
  changed(): void;
  log(text: string): void;
};

/** At once for what is there from the start, else loaded on need. */
export type Transports = Record<TransportName, () => Transport | Promise<Transport>>;

/** Keeps one connection to the server: attempts, watchdog, and the state that makes. */
export function createLink(settings: Settings, transports: Transports, on: LinkEvents) {
  const { clock, random, maxReconnectAttempts, reconnectDelay } = settings;
  let status: LinkStatus = { state: "connecting", reason: "Not connected yet.", attempt: 0 };
  let url = typeof settings.url === "string" ? settings.url : "";
  /** The attempt or connection under way; what others still bring is ignored. */
  let current: object | undefined;
  let connection: Connection | undefined;
  let transport: TransportName = "v1";
  let vitals = createVitals(clock.now());
  let startedAt = clock.now();
  let isOpen = false;
  let handshakeMs: number | null = null;
  let latencyMs: number | null = null;
  let lastError: string | null = null;
  let attempt = 0;
  let waiting = false;
  let cancelWait = () => {};
  let provenSince: number | undefined;
  let worked: TransportName | undefined;
  /** Attempts that ended before the connection stood, since one did. */
  let failures = 0;
  /** A better way that was tried on the server's word, and has not worked yet. */
  let doubted: TransportName | undefined;
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
    current = undefined;
    isOpen = false;
    connection?.close();
    connection = undefined;
  };

  const fail = (reason: string) => {
    hangUp();
    on.log(reason);
    enter("failed", reason);
  };

  const refuse = (reason: string) => {
    lastError = reason;
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
    const mine = {};
    current = mine;
    transport = turnAt(failures, worked);
    startedAt = clock.now();
    vitals = createVitals(startedAt);
    const reject = (error: unknown) => {
      if (mine === current) lose(whyOf(error));
    };
    try {
      const speak = transports[transport]();
      const address = addressOf(settings);
      if (speak instanceof Promise || address instanceof Promise) {
        // What is not here can't be loaded while the server is away: then by what is.
        const byV1 = () => {
          transport = "v1";
          return transports.v1();
        };
        Promise.all([Promise.resolve(speak).catch(byV1), address]).then(
          (both) => mine === current && start(...both),
          reject,
        );
      } else {
        start(speak, address);
      }
    } catch (error) {
      reject(error);
    }
    // Unless it was refused meanwhile.
    if (mine !== current) return;
    on.log(`Connecting to ${url} (${transport})`);
    enter(state, `Connecting to ${url}`);
  };

  const start = (speak: Transport, address: Address) => {
    const mine = current;
    url = address.url;
    try {
      connection = speak(address, {
        opened() {
          isOpen = true;
          failures = 0;
          handshakeMs = clock.now() - startedAt;
        },
        received: on.received,
        event: (event) => mine === current && heard(event),
        ignored: on.ignored,
        closed: (...how) => mine === current && closed(...how),
      });
    } catch (error) {
      refuse(whyOf(error));
    }
  };

  const lose = (reason: string, retryAfterMs = 0) => {
    if (!isOpen) failures++;
    hangUp();
    lastError = reason;
    const isLast = attempt >= maxReconnectAttempts;
    if (maxReconnectAttempts === 0 && !worked && failures > 0 && failures < WAYS) {
      // Who is not to come back may still find a way to the server.
      open();
    } else if (isLast && (attempt === 0 || !isOffline(url))) {
      on.log(reason);
      fail(GAVE_UP);
    } else {
      if (!isLast) attempt++;
      const bounds = { baseMs: reconnectDelay, capMs: LONGEST_WAIT_MS };
      const waitMs = Math.max(retryAfterMs, backoffMs(bounds, attempt, random()));
      on.log(`${reason} Attempt ${attempt}/${maxReconnectAttempts} in ${waitMs} ms`);
      waiting = true;
      cancelWait = clock.after(waitMs, open);
      enter("reconnecting", reason, waitMs);
    }
  };

  const closed = (code: number, told: string, retryAfterMs?: number) => {
    if (isTerminalClose(code)) {
      return refuse(told || `The server refuses this connection (code ${code}).`);
    }
    const how = isOpen
      ? `The connection was lost (code ${code}).`
      : "The connection could not be made.";
    lose(told || how, retryAfterMs);
  };

  const heard = (event: StreamEvent) => {
    const { silenceMs, better: other, complaint, state, reason = "" } = event;
    if (other && other !== doubted) {
      worked = other;
      // Once: something on the way may let the other one through no more.
      doubted = other;
      return open();
    }
    on.event(event);
    latencyMs = vitals.heard(event, clock.now()) ?? latencyMs;
    if (silenceMs) {
      worked = better(transport, worked);
      if (transport === doubted) doubted = undefined;
      on.log("Connected to price stream");
    }
    if (complaint) {
      lastError = complaint;
      on.log(`The server complains: ${complaint}`);
    }
    if (state && (state !== status.state || reason !== status.reason)) {
      provenSince ??= clock.now();
      on.log(reason);
      enter(state, reason);
    }
    on.changed();
  };

  const ask = () => {
    if (connection?.ask()) vitals.asked(clock.now());
  };

  const check = () => {
    if (!current) return;
    const now = clock.now();
    const failure = vitals.failure(now);
    if (failure) return lose(failure);
    if (vitals.shouldAsk(now)) ask();
    if (attempt > 0 && provenSince !== undefined && now - provenSince >= PROVEN_MS) {
      attempt = 0;
      enter(status.state, status.reason);
    }
  };

  const wake = () => {
    // Given up: one more attempt for each waking, since their number stays exhausted.
    const forgotten = status.state === "failed" && !refused && maxReconnectAttempts > 0;
    if (waiting || forgotten) return open();
    check();
    // The socket may be long gone, though it says that it is open.
    ask();
  };

  return {
    status: () => status,
    wish: () => connection?.wish(),
    ask,
    figures: () => ({ url, transport, isOpen, handshakeMs, latencyMs, lastError }),

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

const whyOf = (error: unknown): string => `No connection can be made: ${error}`;
