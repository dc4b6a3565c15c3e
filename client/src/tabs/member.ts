import { every } from "../clock.ts";
import type { Settings } from "../options.ts";
import { createLeader, ignore, type Leader } from "./leader.ts";
import { isMessage, type Message, type Said, type Told } from "./messages.ts";
import type { View } from "./view.ts";
import { createWatch } from "./watch.ts";

/** How often a follower asks for a sign of life, ms. */
const ASK_EVERY_MS = 1000;

export type Member = ReturnType<typeof join>;

/**
 * Makes this tab one of those that share a stream: the leader, who holds the lock of that name and has
 * the connection, or one that follows it over the channel of that name.
 */
export function join(name: string, settings: Settings, view: View) {
  const { clock } = settings;
  const { locks } = navigator;
  const me = crypto.randomUUID();
  /** What the others want, as far as they were heard. */
  const others = new Map<string, string[]>();
  const stay = new AbortController();
  const watch = createWatch(clock.now());
  let channel: BroadcastChannel | undefined;
  /** To the leader's lock: waited for, or held. */
  let claim: AbortController | undefined;
  let leader: Leader | undefined;
  /** When the leader began, by the wall clock that all tabs share: no two begin at once. */
  let term = 0;

  const say = (said: Said) => channel?.postMessage({ from: me, ...said });

  const tell = (told: Told) => say({ kind: "told", term, ...told });

  const wants = () => [view.wants(), ...others.values()].flat();

  /** Also tells what this tab wants. @param whole asks for all prices of that, else for a sign of life */
  const ask = (whole: boolean) => say({ kind: "ask", names: view.wants(), whole });

  /** Each tab holds a lock of its own. It is free once the tab is gone, be it by a crash. */
  const watchOver = (tab: string) => {
    const forget = () => {
      others.delete(tab);
      leader?.want();
    };
    const { signal } = stay;
    locks.request(`${name}.${tab}`, { mode: "shared", signal }, forget).catch(ignore);
  };

  const publish = (told: Told) => {
    // One that was told to end has nothing more to say.
    if (!leader) return;
    // Most often there is one tab, and nobody else to be told prices.
    if (others.size > 0 || told.rows.length === 0) tell(told);
    view.take(told);
  };

  const lead = () => {
    term = Math.max(Date.now(), term + 1);
    leader = createLeader(settings, wants, publish);
    publish(leader.tell([]));
  };

  const resign = () => {
    const last = leader;
    leader = undefined;
    last?.close();
  };

  const contend = (steal: boolean) => {
    claim?.abort();
    claim = new AbortController();
    const { signal } = claim;
    const held = locks.request(name, steal ? { steal } : { signal }, () => {
      if (signal.aborted) return;
      lead();
      return until(signal);
    });
    held.catch((error: unknown) => {
      // Else given up by this tab itself, or no lock is to be had.
      if (signal.aborted || Object(error).name !== "AbortError") return;
      resign();
      view.lose("Another tab has taken over.");
      contend(false);
      ask(true);
    });
  };

  const hear = (message: Message & { kind: "told" }) => {
    // While this tab holds the lock the other has lost it, and does not know yet.
    if (leader) return;
    const now = clock.now();
    const isNew = message.term !== term;
    if (message.term < term && !watch.isSilent(now, true)) return;
    term = message.term;
    watch.heard(now);
    view.take(message);
    if (isNew) ask(true);
  };

  const received = ({ data }: { data: unknown }) => {
    if (!isMessage(data)) return;
    const { kind, from } = data;
    if (kind === "told") return hear(data);
    leader?.catchUp();
    if (kind !== "ask") return leader?.[kind]();
    if (!others.has(from)) watchOver(from);
    others.set(from, data.names);
    if (!leader) return;
    leader.want();
    tell(leader.tell(data.whole ? data.names : []));
  };

  const tick = () => {
    if (leader) return;
    const isVisible = isLookedAt();
    const isSilent = watch.isSilent(clock.now(), isVisible);
    if (isSilent) view.lose("Nothing was heard from the tab with the connection.");
    if (watch.isLost(isVisible)) {
      watch.restart();
      contend(true);
    } else {
      watch.asked();
      ask(view.status().state !== "live");
    }
  };

  const order = (kind: "retry" | "ping") => {
    if (leader) leader[kind]();
    else say({ kind });
  };

  // Before anyone hears of this tab, so that it is free only when the tab is gone.
  locks
    .request(`${name}.${me}`, { signal: stay.signal }, () => {
      channel = new BroadcastChannel(name);
      channel.onmessage = received;
      contend(false);
      ask(true);
      return until(stay.signal);
    })
    // An origin without storage has neither locks nor channels.
    .catch(() => stay.signal.aborted || lead());
  const stopTicks = every(clock, ASK_EVERY_MS, tick);

  return {
    /** What this tab wants has changed. */
    want() {
      if (!leader) return ask(true);
      leader.want();
      view.take(leader.tell(view.wants()));
    },
    order,
    /** The tab is looked at again, or not any more. */
    look() {
      watch.restart();
      tick();
      // As a stream of its own would when its tab is looked at: the leader may be in another one.
      const { state, attempt, maxAttempts } = view.status();
      const hasGivenUp = state === "failed" && attempt >= maxAttempts;
      const isInVain = hasGivenUp || state === "reconnecting";
      if (!leader && isInVain && isLookedAt()) order("retry");
    },
    leave() {
      stay.abort();
      stopTicks();
      claim?.abort();
      resign();
      channel?.close();
    },
  };
}

const isLookedAt = () => document.visibilityState === "visible";

/** Until it is aborted. */
const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.onabort = () => resolve();
  });
