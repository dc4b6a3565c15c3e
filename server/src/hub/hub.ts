import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { textFrame } from "./frame.ts";

/** Where frames go: one client. */
export type Sink = {
  /** Writes ready-made WebSocket frames. */
  write(frame: Buffer): void;
  /** Whether everything written so far has left for the network. */
  drained(): boolean;
  /** Tells a client that does not read to go, and cuts it. */
  evict(): void;
};

/** What a group of clients receives. Clients with the same `key` share every frame. */
export type Broadcast = {
  key: string;
  intervalMs: number;
  /** Called when the group begins. The result is asked at each interval for the messages due. */
  open(): () => readonly string[];
};

type Member = { sink: Sink; counted: boolean; blockedSince: number | undefined };
type Group = { members: Set<Member>; messages: () => readonly string[] };
type Loop = { groups: Map<string, Group>; cancel: () => void };

/** A client that has not read for so long is evicted, ms. */
const SLOW_AFTER_MS = 30_000;
/** "Broadcasted prices" is logged once in so long, ms. */
const LOG_INTERVAL_MS = 60_000;

export type Hub = ReturnType<typeof createHub>;

/**
 * Groups of clients, and one loop per interval, which runs exactly while it has clients. Each
 * message is encoded and framed once per group, and the same bytes are written to all its sinks.
 */
export function createHub({ clock, log }: { clock: Clock; log: Logger }) {
  const loops = new Map<number, Loop>();
  const totals = { frames: 0, bytes: 0, skipped: 0, evicted: 0, broadcasts: 0 };
  let clients = 0;
  let lastFrameAt: number | undefined;
  let loggedAt = Number.NEGATIVE_INFINITY;

  const deliver = (group: Group, member: Member, frames: readonly Buffer[]) => {
    if (!member.sink.drained()) {
      totals.skipped++;
      member.blockedSince ??= clock.now();
      if (clock.now() - member.blockedSince < SLOW_AFTER_MS) return;
      group.members.delete(member);
      totals.evicted++;
      member.sink.evict();
      return;
    }
    member.blockedSince = undefined;
    for (const frame of frames) {
      member.sink.write(frame);
      totals.frames++;
      totals.bytes += frame.length;
    }
  };

  const broadcast = (group: Group): number => {
    const frames = group.messages().map(textFrame);
    if (frames.length === 0) return 0;
    totals.broadcasts++;
    lastFrameAt = clock.now();
    for (const member of group.members) deliver(group, member, frames);
    return group.members.size;
  };

  const tick = (loop: Loop) => {
    let reached = 0;
    for (const group of loop.groups.values()) reached += broadcast(group);
    if (reached > 0 && clients > 0 && clock.now() - loggedAt >= LOG_INTERVAL_MS) {
      loggedAt = clock.now();
      log.info({ clients: reached }, `Broadcasted prices to ${reached} clients`);
    }
  };

  const startLoop = (intervalMs: number): Loop => {
    const loop: Loop = { groups: new Map(), cancel: () => {} };
    let due = clock.now();
    const run = () => {
      due = Math.max(due + intervalMs, clock.now());
      loop.cancel = clock.after(due - clock.now(), run);
      tick(loop);
    };
    loop.cancel = clock.after(0, run);
    loops.set(intervalMs, loop);
    return loop;
  };

  const leave = (intervalMs: number, key: string, member: Member) => {
    const loop = loops.get(intervalMs);
    const group = loop?.groups.get(key);
    if (!loop || !group) return;
    group.members.delete(member);
    if (group.members.size === 0) loop.groups.delete(key);
    if (loop.groups.size > 0) return;
    loop.cancel();
    loops.delete(intervalMs);
    log[member.counted ? "info" : "debug"]({ intervalMs }, "Stopped WebSocket broadcast loop");
  };

  return {
    /**
     * Adds a client to the group of `key`.
     * @param counted false for the gateway's own probe, which is no client
     * @returns the undo, to be called once when the client is gone
     */
    join({ key, intervalMs, open }: Broadcast, sink: Sink, counted = true): () => void {
      let loop = loops.get(intervalMs);
      if (!loop) {
        log[counted ? "info" : "debug"]({ intervalMs }, "Starting WebSocket broadcast loop");
        loop = startLoop(intervalMs);
      }
      let group = loop.groups.get(key);
      if (!group) {
        group = { members: new Set(), messages: open() };
        loop.groups.set(key, group);
      }
      const member: Member = { sink, counted, blockedSince: undefined };
      group.members.add(member);
      if (counted) clients++;
      let gone = false;
      return () => {
        if (gone) return;
        gone = true;
        if (counted) clients--;
        leave(intervalMs, key, member);
      };
    },

    isRunning: () => loops.size > 0,

    stats: () => ({
      clients,
      loops: loops.size,
      groups: [...loops.values()].reduce((sum, { groups }) => sum + groups.size, 0),
      lastFrameAgeMs: lastFrameAt === undefined ? null : clock.now() - lastFrameAt,
      ...totals,
    }),

    /** Stops every loop. */
    close() {
      for (const loop of loops.values()) loop.cancel();
      loops.clear();
    },
  };
}
