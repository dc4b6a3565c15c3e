import { addressOf } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { every } from "./clock.ts";
import type { StreamEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import { isTerminalClose } from "./protocol/close.ts";
import type { Shown } from "./shown.ts";
import { type LinkState, NO_FIGURES } from "./status.ts";
import type { Connection, Transport, TransportName } from "./transport.ts";
import { better, turnAt, WAYS } from "./turns.ts";
import { createVitals } from "./vitals.ts";
import { isOffline, onWake } from "./wake.ts";

/** A stream that has been well for so long makes attempts count from 1 again, ms. */
const PROVEN_MS = 10_000;
const CHECK_MS = 1000;
/** The application has so long to tell an address and a token, and what is loaded on need to come, ms. */
const PROVIDED_MS = 30_000;

/** The reason of `failed` when every attempt was in vain. */
const GAVE_UP = "Failed to establish price stream connection";

/** At once for what is there from the start, else loaded on need. */
export type Transports = { v1(): Transport } & Record<"plain" | "sse", () => Promise<Transport>>;

/** Keeps one connection to the server: attempts, watchdog, and the state that makes. */
export function createLink(settings: Settings, transports: Transports, shown: Shown) {
  const { clock, random, maxReconnectAttempts, reconnectDelay } = settings;
  const { store, log } = shown;
  const { url } = settings;
  const figures = { ...NO_FIGURES, url: typeof url === "string" ? url : "" };
  /** The attempt or connection under way; without one it is waited for the next, or for nothing any more. */
  let current: object | undefined;
  let connection: Connection | undefined;
  let vitals = createVitals(0);
  let cancelWait = () => {};
  /** Of the attempt under way or waited for; 0 on the first connection. */
  let attempt = 0;
  /** Attempts that ended before anything was heard: something on the way may let an upgrade through, and no more. */
  let failures = 0;
  let worked: TransportName | undefined;
  /** A better way that was tried on the server's word, and has not worked yet. */
  let doubted: TransportName | undefined;
  let wellSince: number | undefined;
  /** After this device stood still: what counts once the server has answered. */
  let withheld: StreamEvent[] = [];

  const enter = (state: LinkState, reason: string, nextAttemptInMs?: number) =>
    shown.enter({ state, reason, attempt, nextAttemptInMs });

  const hangUp = () => {
    cancelWait();
    withheld = [];
    wellSince = undefined;
    current = undefined;
    figures.isOpen = false;
    connection?.close();
    connection = undefined;
  };

  /** Trying again would end the same. */
  const refuse = (reason: string) => {
    hangUp();
    figures.lastError = reason;
    enter("failed", reason);
  };

  const open = async () => {
    hangUp();
    const state = attempt === 0 ? "connecting" : "reconnecting";
    if (isOffline(figures.url)) return enter(state, "This device is offline.");
    const mine = {};
    current = mine;
    figures.transport = turnAt(failures, worked);
    // Whoever tells no address, or no token, says nothing of the way.
    let giveUp = (reason: string) => lose(reason, 0, false);
    cancelWait = clock.after(PROVIDED_MS, () => giveUp(NOT_PROVIDED));
    enter(state, `Connecting to ${figures.url || "the server"} (${figures.transport})`);
    try {
      // What is here is not waited for.
      let address = addressOf(settings);
      if (!("url" in address)) address = await address;
      giveUp = lose;
      const way = transports[figures.transport]();
      let speak = way instanceof Promise ? await way.catch(none) : way;
      if (mine !== current) return;
      cancelWait();
      if (!speak) {
        // What is not here can't be loaded while the server is away: then by what is.
        figures.transport = "v1";
        speak = transports.v1();
      }
      figures.url = address.url;
      // What the platform forbids it would forbid again.
      giveUp = refuse;
      const startedAt = clock.now();
      vitals = createVitals(startedAt);
      connection = speak(address, {
        opened() {
          figures.isOpen = true;
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
      if (mine === current) giveUp(`The connection could not be made: ${error}`);
    }
  };

  const lose = (reason: string, retryAfterMs = 0, isOfTheWay = vitals.isMute()) => {
    hangUp();
    figures.lastError = reason;
    if (isOfTheWay) failures++;
    // Who is not to come back may still find a way to the server.
    if (!worked && !maxReconnectAttempts && isOfTheWay && failures < WAYS) return open();
    const isLast = attempt >= maxReconnectAttempts;
    if (isLast && (attempt === 0 || !isOffline(figures.url))) {
      log(reason);
      return enter("failed", GAVE_UP);
    }
    if (!isLast) attempt++;
    const waitMs = Math.max(retryAfterMs, backoffMs(reconnectDelay, attempt, random()));
    cancelWait = clock.after(waitMs, open);
    enter("reconnecting", reason, waitMs);
    log(`Attempt ${attempt}/${maxReconnectAttempts} in ${waitMs} ms`);
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
    const now = clock.now();
    const wasWaking = vitals.isWaking();
    figures.latencyMs = vitals.heard(event, now) ?? figures.latencyMs;
    rouse(now);
    withheld.push(wasWaking || vitals.isWaking() ? undated(event) : event);
    while (!vitals.isWaking()) {
      const next = withheld.shift();
      if (!next) return;
      take(next, now);
    }
  };

  const take = (event: StreamEvent, now: number) => {
    const { better: other, silenceMs, news, newestAgeMs, complaint, idle } = event;
    failures = 0;
    if (other && other !== doubted) {
      worked = other;
      // Once: something on the way may let the other one through no more.
      doubted = other;
      return open();
    }
    if (silenceMs) {
      worked = better(figures.transport, worked);
      if (figures.transport === doubted) doubted = undefined;
      log("Connected to price stream");
    }
    if (news) store.take(news, now);
    if (newestAgeMs !== undefined) store.dateNewest(now - newestAgeMs);
    if (complaint) {
      figures.lastError = complaint;
      log(`The server complains: ${complaint}`);
    }
    shown.enter({
      label: event.label,
      source: event.source ?? shown.stream.status.source,
      ...(idle ? { state: "stale", reason: idle } : news && FRESH),
    });
    if (event.isSettled) shown.gather();
  };

  const ask = () => {
    if (connection?.ask()) vitals.asked(clock.now());
  };

  /** After a standstill nobody vouches for what is shown, nor for what lay in the socket. */
  const rouse = (now: number) => {
    if (!vitals.stoodStill(now) || !figures.isOpen) return;
    const { state, label } = shown.stream.status;
    if (state === "live") {
      withheld = [{ label, news: { prices: store.all(), ageMs: none } }];
      enter("stale", "Waking up: asking the server.");
    }
    ask();
  };

  const check = () => {
    if (!connection) return;
    const now = clock.now();
    const failure = vitals.failure(now);
    if (failure) return lose(failure);
    rouse(now);
    if (vitals.shouldAsk(now)) ask();
    const { state } = shown.stream.status;
    // Where nothing is asked for there is nothing to be live with.
    const isWell = state === "live" || (state === "stale" && shown.wish().size === 0);
    wellSince = isWell ? (wellSince ?? now) : undefined;
    if (attempt > 0 && now - (wellSince ?? now) >= PROVEN_MS) {
      attempt = 0;
      shown.enter({ attempt });
    }
  };

  const wake = () => {
    const { state, reason } = shown.stream.status;
    // Given up: one more attempt for each waking, since their number stays exhausted.
    const isOver = state === "failed" && !(reason === GAVE_UP && maxReconnectAttempts > 0);
    if (!current && !isOver) return open();
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
      const { state } = shown.stream.status;
      if (current || state === "closed") return;
      if (state === "failed") attempt = 0;
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

const NOT_PROVIDED = "No URL, token or code came within 30 s.";

const none = () => undefined;

/** What lay in the socket may be of any age. */
const undated = ({ news, ...event }: StreamEvent): StreamEvent => ({
  ...event,
  news: news && { ...news, ageMs: none, continuous: false },
});

const FRESH = { state: "live", reason: "Fresh prices arrive." } as const;
