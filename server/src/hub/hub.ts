import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Encoding } from "./frame.ts";
import { createLoop, type Loop, type Slot } from "./loop.ts";
import {
  echoed,
  type Member,
  newMember,
  type Portion,
  type Sink,
  send,
  standing,
} from "./member.ts";

/** What a group of clients receives. Clients with the same key and encoding share every frame. */
export type Broadcast = {
  key: string;
  /** 0: whenever the book changes. */
  intervalMs: number;
  encoding: Encoding;
  /** Whether its clients answer a message that asks for an echo. */
  echoes: boolean;
  /** Called when the group begins. The result is asked at each interval for what is due then. */
  open(): () => Due;
};

/**
 * What is due to a client that holds everything up to `position`, and its position then.
 * @param ask whether the messages are to ask for an echo
 */
export type Due = (position: number, ask: boolean) => { messages: readonly string[]; seq: number };

/** One client's place in the hub. */
export type Membership = {
  /**
   * Moves the client to another group.
   * @param answer makes what brings it there; called once, when the client can take it. It asks for an
   * echo if `broadcast.echoes`.
   */
  move(broadcast: Broadcast, answer: () => Portion): void;
  /** The client says that it has read everything up to `seq`. */
  echoed(seq: number): void;
  position(): number;
  /** Of no effect when called again. */
  leave(): void;
};

type Group = {
  broadcast: Broadcast;
  members: Set<Member>;
  due: () => Due;
  /** When an echo was last asked for, ms, and how many bytes a client has been sent since. */
  askedAt: number;
  sinceAsked: number;
};

type Place = { loop: Loop<Group>; slot: Slot<Group>; group: Group };

/** An echo is asked for this often, or when so much has been sent: ms, bytes. */
const ASK_EVERY = { ms: 10_000, bytes: 16 * 1024 };
/** "Broadcasted prices" is logged once in so long, ms. */
const LOG_INTERVAL_MS = 60_000;

export type Hub = ReturnType<typeof createHub>;

/**
 * Groups of clients, and one loop per interval, which runs exactly while it has clients. What is due is
 * encoded and framed once per group, and the same bytes are written to all its sinks. A client that is
 * behind gets the newest prices when it has read, never a backlog.
 */
export function createHub({ clock, log }: { clock: Clock; log: Logger }) {
  const loops = new Map<number, Loop<Group>>();
  const totals = { frames: 0, bytes: 0, skipped: 0, evicted: 0, broadcasts: 0 };
  let clients = 0;
  let lastFrameAt: number | undefined;
  let loggedAt = Number.NEGATIVE_INFINITY;

  const pass = (member: Member, portion: Portion, asks: boolean) => {
    send(member, portion, asks, clock.now());
    if (!portion.frame) return;
    totals.frames++;
    totals.bytes += portion.frame.length;
  };

  /** Sends what is owed for a change of subscription. @returns whether there was any such debt */
  const settle = (member: Member, { echoes }: Broadcast): boolean => {
    const { answer } = member;
    if (!answer) return false;
    member.answer = undefined;
    pass(member, answer(), echoes);
    return true;
  };

  /** @returns how many clients got something */
  const broadcast = (group: Group): number => {
    const { members, due, broadcast } = group;
    const now = clock.now();
    const { ms, bytes } = ASK_EVERY;
    const ask = broadcast.echoes && (now - group.askedAt >= ms || group.sinceAsked >= bytes);
    const portionOf = due();
    const portions = new Map<number, Portion>();
    const encode = (position: number): Portion => {
      const { messages, seq } = portionOf(position, ask);
      const frame = messages.length > 0 ? broadcast.encoding.encode(messages, seq) : undefined;
      const portion = { frame, seq };
      portions.set(position, portion);
      group.sinceAsked += frame?.length ?? 0;
      return portion;
    };
    let reached = 0;
    for (const member of members) {
      const state = standing(member, now);
      if (state === "ready") {
        if (settle(member, broadcast)) continue;
        const portion = portions.get(member.position) ?? encode(member.position);
        if (portion.frame) reached++;
        pass(member, portion, ask);
        continue;
      }
      totals.skipped++;
      if (state === "wait") continue;
      members.delete(member);
      totals.evicted++;
      member.sink.evict();
    }
    if (reached === 0) return 0;
    totals.broadcasts++;
    lastFrameAt = now;
    if (ask) {
      group.askedAt = now;
      group.sinceAsked = 0;
    }
    return reached;
  };

  const tell = (loop: Loop<Group>) => {
    if (clients === 0 || clock.now() - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = clock.now();
    let reached = 0;
    for (const slot of loop.slots()) reached += slot.reached;
    log.info({ clients: reached }, `Broadcasted prices to ${reached} clients`);
  };

  const loopOf = (intervalMs: number, counted: boolean): Loop<Group> => {
    const running = loops.get(intervalMs);
    if (running) return running;
    log[counted ? "info" : "debug"]({ intervalMs }, "Starting WebSocket broadcast loop");
    const loop = createLoop<Group>(intervalMs, clock, (slot) => {
      slot.reached = 0;
      for (const group of slot.groups.values()) slot.reached += broadcast(group);
      if (slot.reached > 0) tell(loop);
    });
    loops.set(intervalMs, loop);
    return loop;
  };

  const enter = (member: Member, broadcast: Broadcast): Place => {
    const { intervalMs, encoding } = broadcast;
    const key = `${broadcast.key} ${encoding.name}`;
    const loop = loopOf(intervalMs, member.counted);
    const slot = loop.seat(key);
    let group = slot.groups.get(key);
    if (!group) {
      const members = new Set<Member>();
      group = { broadcast, members, due: broadcast.open(), askedAt: clock.now(), sinceAsked: 0 };
      slot.groups.set(key, group);
    }
    group.members.add(member);
    slot.size++;
    return { loop, slot, group };
  };

  const exit = (member: Member, { loop, slot, group }: Place) => {
    const { key, encoding, intervalMs } = group.broadcast;
    group.members.delete(member);
    slot.size--;
    if (group.members.size === 0) slot.groups.delete(`${key} ${encoding.name}`);
    if (slot.size === 0) slot.close();
    if (!loop.isEmpty() || loops.get(intervalMs) !== loop) return;
    loops.delete(intervalMs);
    log[member.counted ? "info" : "debug"]({ intervalMs }, "Stopped WebSocket broadcast loop");
  };

  return {
    /**
     * Adds a client.
     * @param about.position it holds everything up to here; 0 where it holds nothing
     * @param about.counted false for the gateway's own probe, which is no client
     */
    join(
      broadcast: Broadcast,
      sink: Sink,
      { position = 0, counted = true }: { position?: number; counted?: boolean } = {},
    ): Membership {
      const member = newMember(sink, counted, position);
      let place: Place | undefined = enter(member, broadcast);
      if (counted) clients++;
      const serveNow = () => {
        if (place && member.answer && standing(member, clock.now()) === "ready") {
          settle(member, place.group.broadcast);
        }
      };
      return {
        move(next, answer) {
          if (!place) return;
          const left = place;
          place = enter(member, next);
          exit(member, left);
          member.answer = answer;
          serveNow();
        },
        echoed(seq) {
          echoed(member, seq);
          serveNow();
        },
        position: () => member.position,
        leave() {
          if (!place) return;
          if (counted) clients--;
          exit(member, place);
          place = undefined;
        },
      };
    },

    /** The book has changed: clients that want each tick are served in the next turn. */
    tick: () => loops.get(0)?.tick(),

    isRunning: () => loops.size > 0,

    stats() {
      const all = [...loops.values()];
      const slots = all.flatMap((loop) => [...loop.slots()]);
      return {
        clients,
        loops: all.length,
        slots: slots.length,
        groups: slots.reduce((sum, { groups }) => sum + groups.size, 0),
        lastFrameAgeMs: lastFrameAt === undefined ? null : clock.now() - lastFrameAt,
        ...totals,
      };
    },

    /** Stops every loop. */
    close() {
      for (const loop of loops.values()) loop.close();
      loops.clear();
    },
  };
}
