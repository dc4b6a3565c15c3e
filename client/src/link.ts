import { addressOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { every } from "./clock.ts";
import type { DataKind, StreamEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import { isTerminalClose } from "./protocol.ts";
import type { Shown } from "./shown.ts";
import type { LinkState } from "./status.ts";
import type { Connection, Transport, TransportName } from "./transport.ts";
import { better, turnAt, WAYS } from "./turns.ts";
import { createVitals } from "./vitals.ts";
import { isOffline, onWake } from "./wake.ts";

/** A link that has held for so long makes attempts count from 1 again, ms. */
const PROVEN_MS = 10_000;
const CHECK_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** The reason of `failed` when every attempt was in vain. */
const GAVE_UP = "Failed to establish price stream connection";

/** At once for what is there from the start, else loaded on need. */
export type Transports = Record<TransportName, () => Transport | Promise<Transport>>;

/** Keeps one connection to the server: attempts, watchdog, and the state that makes. */
export function createLink(settings: Settings, transports: Transports, shown: Shown) {
  const { clock, random, maxReconnectAttempts, reconnectDelay } = settings;
  const { store, log } = shown;
  let url = typeof settings.url === "string" ? settings.url : "";
  /** The attempt or connection under way. */
  let current: object | undefined;
  let connection: Connection | undefined;
  let transport: TransportName = "v1";
  let vitals = createVitals(0);
  let isOpen = false;
  let handshakeMs: number | null = null;
  let latencyMs: number | null = null;
  let lastError: string | null = null;
  let messages = 0;
  let bytes = 0;
  let ignored = 0;
  let source: string | null = null;
  let label: DataKind = "none";
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

  const enter = (state: LinkState, reason: string, nextAttemptInMs?: number) => {
    const maxAttempts = maxReconnectAttempts;
    if (reason !== shown.stream.status.reason) log(reason);
    shown.enter({ state, reason, attempt, maxAttempts, nextAttemptInMs, source, label });
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
    enter("failed", reason);
  };

  const refuse = (reason: string) => {
    lastError = reason;
    refused = true;
    fail(reason);
  };

  const open = async () => {
    hangUp();
    const state = attempt === 0 ? "connecting" : "reconnecting";
    if (isOffline(url)) {
      waiting = true;
      return enter(state, "This device is offline.");
    }
    const mine = {};
    current = mine;
    transport = turnAt(failures, worked);
    const startedAt = clock.now();
    vitals = createVitals(startedAt);
    enter(state, `Connecting to ${url} (${transport})`);
    let giveUp: (reason: string) => void = lose;
    try {
      // What is here is not waited for.
      let address = addressOf(settings);
      if (!("url" in address)) address = await address;
      let speak = transports[transport]();
      if (typeof speak !== "function") speak = await speak.catch(speakV1);
      if (mine !== current) return;
      url = address.url;
      // What the platform forbids it would forbid again.
      giveUp = refuse;
      connection = speak(address, {
        opened() {
          isOpen = true;
          failures = 0;
          handshakeMs = clock.now() - startedAt;
        },
        received(length) {
          messages++;
          bytes += length;
        },
        ignored(count) {
          ignored += count;
        },
        event: heard,
        closed,
      });
    } catch (error) {
      if (mine === current) giveUp(`No connection can be made: ${error}`);
    }
  };

  /** What is not here can't be loaded while the server is away: then by what is. */
  const speakV1 = () => {
    transport = "v1";
    return transports.v1();
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
      log(reason);
      fail(GAVE_UP);
    } else {
      if (!isLast) attempt++;
      const bounds = { baseMs: reconnectDelay, capMs: LONGEST_WAIT_MS };
      const waitMs = Math.max(retryAfterMs, backoffMs(bounds, attempt, random()));
      waiting = true;
      cancelWait = clock.after(waitMs, open);
      enter("reconnecting", reason, waitMs);
      log(`Attempt ${attempt}/${maxReconnectAttempts} in ${waitMs} ms`);
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
    const { silenceMs, better: other, complaint, news, newestAgeMs } = event;
    if (other && other !== doubted) {
      worked = other;
      // Once: something on the way may let the other one through no more.
      doubted = other;
      return open();
    }
    const now = clock.now();
    latencyMs = vitals.heard(event, now) ?? latencyMs;
    label = event.label;
    source = event.source ?? source;
    if (news) store.take(news, now);
    if (newestAgeMs !== undefined) store.dateNewest(now - newestAgeMs);
    if (silenceMs) {
      worked = better(transport, worked);
      if (transport === doubted) doubted = undefined;
      log("Connected to price stream");
    }
    if (complaint) {
      lastError = complaint;
      log(`The server complains: ${complaint}`);
    }
    let { state, reason } = shown.stream.status;
    if (news || event.idle) {
      provenSince ??= now;
      const isFresh = news && store.isFresh();
      state = isFresh ? "live" : "stale";
      reason = isFresh ? "Fresh prices arrive." : (event.idle ?? NOTHING_FRESH);
    }
    enter(state, reason);
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
      const { state, reason } = shown.stream.status;
      enter(state, reason);
    }
  };

  const wake = () => {
    const { state } = shown.stream.status;
    // Given up: one more attempt for each waking, since their number stays exhausted.
    const forgotten = state === "failed" && !refused && maxReconnectAttempts > 0;
    if (waiting || forgotten) return open();
    check();
    // The socket may be long gone, though it says that it is open.
    ask();
  };

  const undos = [every(clock, CHECK_MS, check), onWake(wake)];
  open();

  return {
    wish: () => connection?.wish(),
    ask,
    figures: () => ({
      url,
      transport,
      isOpen,
      handshakeMs,
      latencyMs,
      lastError,
      messages,
      bytes,
      ignored,
    }),

    /** Tries at once: anew after `failed`, ahead of time while waiting. */
    retry() {
      if (shown.stream.status.state === "failed") attempt = 0;
      else if (!waiting) return;
      refused = false;
      open();
    },

    close() {
      for (const undo of undos) undo();
      hangUp();
      enter("closed", "Closed by the application.");
    },
  };
}

const NOTHING_FRESH = "There is no fresh price of what is asked for.";
