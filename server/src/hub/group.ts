import type { Encoding } from "./frame.ts";
import { type Member, type Portion, send, standing } from "./member.ts";

/** What a client speaks: a contract over WebSocket, or server-sent events. */
export type Contract = "plain" | "v1" | "sse";

/** What a group of clients receives. Clients with the same key and encoding share every frame. */
export type Broadcast = {
  key: string;
  contract: Contract;
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

export type Group = {
  broadcast: Broadcast;
  members: Set<Member>;
  due: () => Due;
  /** When an echo was last asked for, ms, and how many bytes a client has been sent since. */
  askedAt: number;
  sinceAsked: number;
};

/**
 * An echo is asked for this often, or when so much has been sent, ms and bytes; but never sooner than
 * `leastMs` after the last, since echoes count against the messages that a client may send.
 */
const ASK_EVERY = { ms: 10_000, bytes: 16 * 1024, leastMs: 200 };

/** What all clients together were sent. */
export type Totals = {
  /** Writes, each of a frame or of several at once, and their bytes. */
  frames: number;
  bytes: number;
  /** Times that a client was not sent what was due, since it had not read. */
  skipped: number;
  evicted: number;
  /** Times that a group was sent something. */
  broadcasts: number;
  /** When clients of a contract were last sent something by its loops, or the first of them came, ms. */
  lastFrameAt: Partial<Record<Contract, number>>;
};

export const newTotals = (): Totals => ({
  frames: 0,
  bytes: 0,
  skipped: 0,
  evicted: 0,
  broadcasts: 0,
  lastFrameAt: {},
});

export const openGroup = (broadcast: Broadcast, now: number): Group => ({
  broadcast,
  members: new Set(),
  due: broadcast.open(),
  askedAt: now,
  sinceAsked: 0,
});

/**
 * Sends every client of the group what is due. It is made once for all that are at the same position.
 * @returns how many clients got something, the gateway's own probe apart
 */
export function serveGroup(group: Group, now: number, totals: Totals): number {
  const { members, due, broadcast } = group;
  const ask = broadcast.echoes && isTimeToAsk(group, now);
  const portionFrom = due();
  const portions = new Map<number, Portion>();
  const make = (position: number): Portion => {
    const { messages, seq } = portionFrom(position, ask);
    const frame = messages.length > 0 ? broadcast.encoding.encode(messages, seq) : undefined;
    const portion = { frame, seq };
    portions.set(position, portion);
    group.sinceAsked += frame?.length ?? 0;
    return portion;
  };
  // Nearly all are at the same position: what was sent last is what comes next.
  let position = -1;
  let portion: Portion = { frame: undefined, seq: 0 };
  let reached = 0;
  for (const member of members) {
    const state = standing(member, now);
    if (state === "ready") {
      if (settle(member, broadcast, now, totals)) continue;
      if (member.position !== position) {
        position = member.position;
        portion = portions.get(position) ?? make(position);
      }
      if (portion.frame && member.counted) reached++;
      pass(member, portion, ask, now, totals);
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
  totals.lastFrameAt[broadcast.contract] = now;
  if (ask) {
    group.askedAt = now;
    group.sinceAsked = 0;
  }
  return reached;
}

/** Sends what is owed for a change of what the client wants. Returns whether there was such a debt. */
export function settle(
  member: Member,
  { echoes }: Broadcast,
  now: number,
  totals: Totals,
): boolean {
  const { answer } = member;
  if (!answer) return false;
  member.answer = undefined;
  pass(member, answer(), echoes, now, totals);
  return true;
}

function pass(member: Member, portion: Portion, asks: boolean, now: number, totals: Totals) {
  send(member, portion, asks, now);
  if (!portion.frame) return;
  totals.frames++;
  totals.bytes += portion.frame.length;
}

function isTimeToAsk({ askedAt, sinceAsked }: Group, now: number): boolean {
  const { ms, bytes, leastMs } = ASK_EVERY;
  const waited = now - askedAt;
  return waited >= ms || (sinceAsked >= bytes && waited >= leastMs);
}
