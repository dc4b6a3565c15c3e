import { addressOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { every } from "./clock.ts";
import type { News, StreamEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import { isTerminalClose } from "./protocol.ts";
import type { Shown } from "./shown.ts";
import { type LinkState, NO_FIGURES, type StreamStatus } from "./status.ts";
import type { Connection, Transport, TransportName } from "./transport.ts";
import { better, turnAt, WAYS } from "./turns.ts";
import { createVitals } from "./vitals.ts";
import { isOffline, onWake } from "./wake.ts";

/** A link that has held for so long makes attempts count from 1 again, ms. */
const PROVEN_MS = 10_000;
const CHECK_MS = 1000;

/** The reason of `failed` when every attempt was in vain. */
const GAVE_UP = "Failed to establish price stream connection";

/** At once for what is there from the start, else loaded on need. */
export type Transports = Record<TransportName, () => Transport | Promise<Transport>>;

/** Keeps one connection to the server: attempts, watchdog, and the state that makes. */
export function createLink(settings: Settings, transports: Transports, shown: Shown) {
  const { clock, random, maxReconnectAttempts, reconnectDelay } = settings;
  const { store, log } = shown;
  const figures = { ...NO_FIGURES };
  if (typeof settings.url === "string") figures.url = settings.url;
  /** The attempt or connection under way. */
  let current: object | undefined;
  let connection: Connection | undefined;
  let vitals = createVitals(0);
  let attempt = 0;
  let waiting = false;
  let cancelWait = () => {};
  let provenSince: number | undefined;
  let worked: TransportName | undefined;
  /** Attempts that ended before the connection stood, since one did. */
  let failures = 0;
  /** A better way that was tried on the server's word, and has not worked yet. */
  let doubted: TransportName | undefined;
  /** What is shown again once the server has answered, after this device stood still. */
  let withheld: { news: News; change: Partial<StreamStatus> } | undefined;
  /** Trying again would end the same. */
  let refused = false;

  const enter = (state: LinkState, reason: string, nextAttemptInMs?: number) =>
    shown.enter({ state, reason, attempt, nextAttemptInMs });

  const hangUp = () => {
    cancelWait();
    waiting = false;
    provenSince = undefined;
    withheld = undefined;
    current = undefined;
    figures.isOpen = false;
    connection?.close();
    connection = undefined;
  };

  const fail = (reason: string) => {
    hangUp();
    enter("failed", reason);
  };

  const refuse = (reason: string) => {
    figures.lastError = reason;
    refused = true;
    fail(reason);
  };

  const open = async () => {
    hangUp();
    const state = attempt === 0 ? "connecting" : "reconnecting";
    if (isOffline(figures.url)) {
      waiting = true;
      return enter(state, "This device is offline.");
    }
    const mine = {};
    current = mine;
    figures.transport = turnAt(failures, worked);
    const startedAt = clock.now();
    vitals = createVitals(startedAt);
    enter(state, `Connecting to ${figures.url || "an address to be told"} (${figures.transport})`);
    // Whoever tells no address, or no token, says nothing of the way.
    let giveUp = (reason: string) => lose(reason, 0, false);
    try {
      // What is here is not waited for.
      let address = addressOf(settings);
      if (!("url" in address)) address = await address;
      let speak = transports[figures.transport]();
      if (typeof speak !== "function") speak = await speak.catch(speakV1);
      if (mine !== current) return;
      figures.url = address.url;
      // What the platform forbids it would forbid again.
      giveUp = refuse;
      connection = speak(address, {
        opened() {
          figures.isOpen = true;
          failures = 0;
          figures.handshakeMs = clock.now() - startedAt;
        },
        received(length) {
          figures.messages++;
          figures.bytes += length;
        },
        ignored(count) {
          figures.ignored += count;
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
    figures.transport = "v1";
    return transports.v1();
  };

  const lose = (reason: string, retryAfterMs = 0, isOfTheWay = !figures.isOpen) => {
    if (isOfTheWay) failures++;
    hangUp();
    figures.lastError = reason;
    const isLast = attempt >= maxReconnectAttempts;
    if (maxReconnectAttempts === 0 && !worked && isOfTheWay && failures < WAYS) {
      // Who is not to come back may still find a way to the server.
      open();
    } else if (isLast && (attempt === 0 || !isOffline(figures.url))) {
      log(reason);
      fail(GAVE_UP);
    } else {
      if (!isLast) attempt++;
      const waitMs = Math.max(retryAfterMs, backoffMs(reconnectDelay, attempt, random()));
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
    const how = figures.isOpen
      ? `The connection was lost (code ${code}).`
      : "The connection could not be made.";
    lose(told || how, retryAfterMs ?? Number(COME_BACK.exec(told)?.[1] ?? 0) * 1000);
  };

  const heard = (event: StreamEvent) => {
    const { silenceMs, better: other, complaint, idle, newestAgeMs } = event;
    let { news } = event;
    let change: Partial<StreamStatus> = idle ? { state: "stale", reason: idle } : news ? FRESH : {};
    if (other && other !== doubted) {
      worked = other;
      // Once: something on the way may let the other one through no more.
      doubted = other;
      return open();
    }
    const now = clock.now();
    figures.latencyMs = vitals.heard(event, now) ?? figures.latencyMs;
    if (withheld) {
      Object.assign(withheld.change, change);
      if (news) {
        const names = { ...withheld.news.names, ...news.names };
        withheld.news = { prices: news.prices, names, ageMs: unknown };
      }
      const isOver = !vitals.isWaking();
      news = isOver ? withheld.news : undefined;
      change = isOver ? withheld.change : {};
      if (isOver) withheld = undefined;
    }
    if (news) store.take(news, now);
    if (newestAgeMs !== undefined) store.dateNewest(now - newestAgeMs);
    if (silenceMs) {
      worked = better(figures.transport, worked);
      if (figures.transport === doubted) doubted = undefined;
      log("Connected to price stream");
    }
    if (complaint) {
      figures.lastError = complaint;
      log(`The server complains: ${complaint}`);
    }
    if (news || idle) provenSince ??= now;
    shown.enter({
      label: event.label,
      source: event.source ?? shown.stream.status.source,
      ...change,
    });
    if (event.isSettled) shown.gather();
    rouse(now);
  };

  const ask = () => {
    if (connection?.ask()) vitals.asked(clock.now());
  };

  /** After a standstill nobody vouches for what is shown, nor for what lay in the socket. */
  const rouse = (now: number) => {
    if (!vitals.stoodStill(now) || !figures.isOpen) return;
    const isLive = shown.stream.status.state === "live";
    withheld ??= {
      news: { prices: store.all(), ageMs: unknown },
      change: isLive ? { ...FRESH } : {},
    };
    if (isLive) enter("stale", "Waking up: the server is asked whether it is still there.");
    ask();
  };

  const check = () => {
    if (!current) return;
    const now = clock.now();
    const failure = vitals.failure(now);
    if (failure) return lose(failure);
    rouse(now);
    if (vitals.shouldAsk(now)) ask();
    if (attempt > 0 && provenSince !== undefined && now - provenSince >= PROVEN_MS) {
      attempt = 0;
      shown.enter({ attempt });
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

  let told = "";
  shown.stream.onStatus(({ reason }) => {
    if (reason !== told) log(reason);
    told = reason;
  });
  const undos = [every(clock, CHECK_MS, check), onWake(wake)];
  open();

  return {
    wish: () => connection?.wish(),
    ask,
    figures,

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

/** How a gateway that restarts says when, so that not all come at once. */
const COME_BACK = /come back in (\d?\d\.\d) s/i;

const unknown = () => undefined;

const FRESH = { state: "live", reason: "Fresh prices arrive." } as const;
