/** Where frames go: one client. */
export type Sink = {
  /** Writes ready-made bytes. */
  write(frame: Buffer): void;
  /** Whether everything written so far has left for the network. */
  drained(): boolean;
  /** Tells a client that does not read to go, and cuts it. */
  evict(): void;
  /** Sends a client away, since the gateway ends: it is to come back in `afterMs`. */
  bye(afterMs: number): void;
};

/** What brings a client to a position: ready-made bytes. */
export type Portion = {
  frame: Buffer | undefined;
  /** The position of a client that has read it. */
  seq: number;
};

/** A client in the hub. */
export type Member = {
  readonly sink: Sink;
  /** False for the gateway's own probe. */
  readonly counted: boolean;
  /** The client holds everything it wants up to this seq of the book, as soon as it has read. */
  position: number;
  /** What is owed for a change of what it wants, made when it can be sent. */
  answer: (() => Portion) | undefined;
  /** Bytes written, and of these read for sure, because echoed. */
  written: number;
  read: number;
  /** Echoes asked for and not answered, the oldest first. */
  asked: { seq: number; at: number; written: number }[];
  /** Since when nothing could be sent to it, ms. */
  blockedSince: number | undefined;
};

/** Kernels and proxies buffer megabytes: what they took is not read. No more than this is under way, bytes. */
const UNREAD_BYTES = 32 * 1024;
/** A client that owes an echo for so long gets no more until it answers, ms. */
const ECHO_PATIENCE_MS = 10_000;
/** A client that can't be sent anything for so long, or owes an echo for so long, is cut, ms. */
const SLOW_AFTER_MS = 30_000;

/** A client that has been sent nothing yet. */
export const newMember = (sink: Sink, counted: boolean, position: number): Member => ({
  sink,
  counted,
  position,
  answer: undefined,
  written: 0,
  read: 0,
  asked: [],
  blockedSince: undefined,
});

/** Whether the client can take more: `wait`: not now; `stuck`: it does not read at all. */
export function standing(member: Member, now: number): "ready" | "wait" | "stuck" {
  const owesSince = member.asked[0]?.at ?? now;
  const isFull = member.asked.length > 0 && member.written - member.read >= UNREAD_BYTES;
  if (member.sink.drained() && !isFull && now - owesSince < ECHO_PATIENCE_MS) {
    member.blockedSince = undefined;
    return "ready";
  }
  member.blockedSince ??= now;
  const since = Math.min(member.blockedSince, owesSince);
  return now - since < SLOW_AFTER_MS ? "wait" : "stuck";
}

/** @param asks the client is asked to echo `seq` */
export function send(member: Member, { frame, seq }: Portion, asks: boolean, now: number) {
  member.position = seq;
  if (!frame) return;
  member.sink.write(frame);
  member.written += frame.length;
  if (asks) member.asked.push({ seq, at: now, written: member.written });
}

/**
 * The client has read everything up to `seq`. Two messages of the same `seq` are owed two echoes.
 * @returns whether it owed this one
 */
export function echoed(member: Member, seq: number): boolean {
  const { asked } = member;
  let settled = 0;
  while (asked[settled] && (asked[settled]?.seq ?? 0) < seq) settled++;
  if (asked[settled]?.seq === seq) settled++;
  member.read = asked[settled - 1]?.written ?? member.read;
  asked.splice(0, settled);
  return settled > 0;
}
