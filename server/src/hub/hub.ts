import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { drainClients, type Leaving } from "./drain.ts";
import {
  type Broadcast,
  type Contract,
  type Group,
  newTotals,
  openGroup,
  serveGroup,
  settle,
} from "./group.ts";
import { createLoop, type Loop, type Slot } from "./loop.ts";
import { echoed, type Member, newMember, type Portion, type Sink, standing } from "./member.ts";

/** One client's place in the hub. */
export type Membership = {
  /**
   * Moves the client to another group.
   * @param answer makes what brings it there; called once, when the client can take it. It asks for an
   * echo if `broadcast.echoes`.
   */
  move(broadcast: Broadcast, answer: () => Portion): void;
  /** The client says that it has read everything up to `seq`. Returns whether it had been asked. */
  echoed(seq: number): boolean;
  position(): number;
  /** Of no effect when called again. */
  leave(): void;
};

type Place = { loop: Loop<Group>; slot: Slot<Group>; group: Group };

/** "Broadcasted prices" is logged once in so long, ms. */
const LOG_INTERVAL_MS = 60_000;

export type Hub = ReturnType<typeof createHub>;

/**
 * Groups of clients, and one loop per interval, which runs exactly while it has clients. What is due is
 * encoded and framed once per group, and the same bytes are written to all its sinks. A client that is
 * behind gets the newest prices when it has read, never a backlog.
 */
export function createHub(options: {
  clock: Clock;
  log: Logger;
  /** Runs each turn of a loop, which returns how many clients it reached: a chance to time it. */
  timed?: ((turn: () => number) => number) | undefined;
}) {
  const { clock, log, timed = (turn) => turn() } = options;
  const loops = new Map<number, Loop<Group>>();
  const totals = newTotals();
  const clients: Record<Contract, number> = { plain: 0, v1: 0, sse: 0 };
  /** Where each of them is; the gateway's own probe is none. */
  const present = new Set<() => Leaving | undefined>();
  let loggedAt = Number.NEGATIVE_INFINITY;

  const tell = (loop: Loop<Group>) => {
    if (present.size === 0 || clock.now() - loggedAt < LOG_INTERVAL_MS) return;
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
      slot.reached = timed(() => {
        let reached = 0;
        for (const group of slot.groups.values()) {
          reached += serveGroup(group, clock.now(), totals);
        }
        return reached;
      });
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
    const group = slot.groups.get(key) ?? openGroup(broadcast, clock.now());
    slot.groups.set(key, group);
    group.members.add(member);
    slot.size++;
    return { loop, slot, group };
  };

  /** Gives up a place, from whose group the member was taken out before. */
  const release = (member: Member, { loop, slot, group }: Place) => {
    const { broadcast, members } = group;
    const { intervalMs } = broadcast;
    const key = `${broadcast.key} ${broadcast.encoding.name}`;
    slot.size--;
    // A client that was evicted leaves later: others may have begun the group anew since.
    if (members.size === 0 && slot.groups.get(key) === group) slot.groups.delete(key);
    if (slot.size === 0) slot.close();
    if (!loop.isEmpty() || loops.get(intervalMs) !== loop) return;
    loop.close();
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
      const { contract } = broadcast;
      const whereabouts = () => place && { member, group: place.group };
      if (counted) {
        if (clients[contract]++ === 0) totals.lastFrameAt[contract] = clock.now();
        present.add(whereabouts);
      }
      const serveNow = () => {
        if (!place || !member.answer || standing(member, clock.now()) !== "ready") return;
        settle(member, place.group.broadcast, clock.now(), totals);
      };
      return {
        move(next, answer) {
          if (!place) return;
          const left = place;
          // In this order, since it may be the same group that it leaves and enters.
          left.group.members.delete(member);
          place = enter(member, next);
          release(member, left);
          member.answer = answer;
          serveNow();
        },
        echoed(seq) {
          const wasAsked = echoed(member, seq);
          serveNow();
          return wasAsked;
        },
        position: () => member.position,
        leave() {
          if (!place) return;
          if (present.delete(whereabouts)) clients[contract]--;
          place.group.members.delete(member);
          release(member, place);
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
      const { lastFrameAt, ...counts } = totals;
      const silenceMs = (contract: Contract): number | null => {
        const at = clients[contract] > 0 ? lastFrameAt[contract] : undefined;
        return at === undefined ? null : clock.now() - at;
      };
      return {
        clients: present.size,
        /** The same by what they speak. */
        contracts: { ...clients },
        loops: all.length,
        slots: slots.length,
        groups: slots.reduce((sum, { groups }) => sum + groups.size, 0),
        /** ms since those who speak it were last sent something, or the first of them came. */
        lastFrameAgeMs: {
          plain: silenceMs("plain"),
          v1: silenceMs("v1"),
          sse: silenceMs("sse"),
        },
        ...counts,
      };
    },

    /** Sends every client away, spread over `windowMs`. Resolves when the last one was told. */
    drain: (windowMs: number, random: () => number): Promise<void> =>
      drainClients([...present], { clock, random, windowMs, totals }),

    /** Stops every loop. */
    close() {
      for (const loop of loops.values()) loop.close();
      loops.clear();
    },
  };
}
