import {
  encode,
  HEARTBEAT_MS,
  LISTENER_HEARTBEAT_MS,
  type Subscription,
} from "@cryptovault/price-stream/protocol/v1";
import type { Book } from "../book/book.ts";
import { iso } from "../format.ts";
import type { DataMode } from "../types.ts";
import { columns, gaps } from "./columns.ts";
import type { Encoding } from "./frame.ts";
import type { Broadcast } from "./group.ts";
import { labelOf } from "./label.ts";
import type { Portion } from "./member.ts";
import { type AssetSet, keyOf, type Row } from "./subscription.ts";

/**
 * How long it may be quiet, ms. Something is said to a group when it would else have been quiet for longer
 * than `quiet` by the next turn. Who has come since the turn before has heard nothing for one turn more.
 * Long intervals are cut into turns of `turn` at most, for heartbeats and slow clients. Who can't ask
 * whether the gateway lives, over server-sent events, is told more often.
 */
const PACE = {
  asks: { quiet: 15_000, turn: 10_000, heartbeat: HEARTBEAT_MS },
  listens: { quiet: 5000, turn: 5000, heartbeat: LISTENER_HEARTBEAT_MS },
};
/** Clients that come at the same time share a snapshot no older than this, ms. */
const SNAPSHOT_MS = 100;

export type V1Options = {
  book: Book;
  /** The market clock, ms. */
  now(): number;
  /** The wall clock, ms: paces clients. */
  wallNow(): number;
  mode: DataMode;
  limits: { messageBytes: number; messagesPerSecond: number; assets: number };
};

export type V1 = ReturnType<typeof createV1>;

/** The messages of `cryptovault.v1.json`. `client/src/protocol/v1.ts` describes them. */
export function createV1({ book, now, wallNow, mode, limits }: V1Options) {
  const label = labelOf(mode);
  const common = (at = now()) => ({ timestamp: iso(at), ...label });

  const update = (
    rows: Row[],
    seq: number,
    { ask, subscription }: { ask: boolean; subscription?: Subscription },
  ): string => {
    rows.sort((a, b) => a.entry.ref - b.entry.ref);
    const listed = rows.filter(({ entry }) => entry.listed);
    const removed = rows.filter(({ entry }) => !entry.listed);
    // Ages count from the timestamp: the clock is read once.
    const at = now();
    return encode({
      type: "price_update",
      seq,
      ...common(at),
      ...columns(listed, at),
      ...(removed.length > 0 ? { removed: gaps(removed) } : {}),
      ...(ask ? { echo: true } : {}),
      ...(subscription ? { subscription } : {}),
    });
  };

  let snapshots = new Map<string, Portion>();
  let snapshotsSince = 0;

  return {
    /** @param asks the client can ask whether the gateway lives */
    hello: (asks: boolean): string =>
      encode({
        type: "hello",
        epoch: book.epoch,
        seq: book.seq(),
        heartbeatMs: (asks ? PACE.asks : PACE.listens).heartbeat,
        limits,
        ...common(),
      }),

    pong: (): string => encode({ type: "pong", ...common() }),

    error: (code: string, message: string, hint: string): string =>
      encode({ type: "error", code, message, hint, ...common() }),

    /** What clients with these assets and this interval get. */
    broadcast(
      assets: AssetSet,
      intervalMs: number,
      encoding: Encoding,
      echoes: boolean,
    ): Broadcast {
      const pace = echoes ? PACE.asks : PACE.listens;
      const turns = Math.max(1, Math.ceil(intervalMs / pace.turn));
      const turnMs = intervalMs / turns;
      return {
        key: `v1:${intervalMs}:${keyOf(assets)}`,
        contract: encoding.name === "sse" ? "sse" : "v1",
        intervalMs: turnMs,
        encoding,
        echoes,
        open() {
          let turn = 0;
          let dueSeq = book.seq();
          let spokeAt = wallNow();
          const only = assets === "*" ? undefined : assets;
          return () => {
            const current = dueSeq;
            if (++turn % turns === 0) dueSeq = book.seq();
            const isQuiet = wallNow() - spokeAt + Math.max(turnMs, 1000) > pace.quiet;
            return (position, ask) => {
              const isDue = position < dueSeq;
              const seq = isDue ? book.seq() : position;
              const changed = isDue ? book.since(position, only) : [];
              if (changed.length === 0 && !isQuiet) return { messages: [], seq };
              if (position >= current) spokeAt = wallNow();
              if (changed.length === 0) {
                const echo = ask ? ({ echo: true } as const) : {};
                return {
                  messages: [encode({ type: "heartbeat", seq, ...common(), ...echo })],
                  seq,
                };
              }
              const rows = changed.map((entry) => ({ entry, from: position }));
              return { messages: [update(rows, seq, { ask })], seq };
            };
          };
        },
      };
    },

    /**
     * Answers a change of subscription.
     * @param shared clients of the same key get the same bytes, if they come at the same time; none
     * goes back behind its position
     */
    answer(
      rows: () => Row[],
      subscription: Subscription,
      { encoding, echoes }: Broadcast,
      shared: { key: string; position: number } | undefined,
    ): Portion {
      const make = (): Portion => {
        const seq = book.seq();
        const text = update(rows(), seq, { ask: echoes, subscription });
        return { frame: encoding.encode([text], seq), seq };
      };
      if (!shared) return make();
      if (wallNow() - snapshotsSince > SNAPSHOT_MS) {
        snapshots = new Map();
        snapshotsSince = wallNow();
      }
      const key = `${shared.key} ${encoding.name}`;
      const made = snapshots.get(key);
      if (made && made.seq >= shared.position) return made;
      const portion = make();
      snapshots.set(key, portion);
      return portion;
    },
  };
}
