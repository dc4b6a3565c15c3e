import type {
  ConnectionMessage,
  ErrorMessage,
  KeepAliveMessage,
  PongMessage,
  PriceMessage,
  PriceUpdateMessage,
  StatusMessage,
  StreamState,
} from "@cryptovault/price-stream/protocol";
import { V1 } from "@cryptovault/price-stream/protocol/v1";
import type { Book, Entry } from "../book/book.ts";
import { iso } from "../format.ts";
import type { DataMode } from "../types.ts";
import type { Encoding } from "./frame.ts";
import type { Broadcast } from "./group.ts";
import { labelOf } from "./label.ts";

/** The plain contract sends prices once a second. */
const INTERVAL_MS = 1000;
/** `status` goes out on every so many-th interval. */
const STATUS_EVERY = 10;
/** A quiet single-asset stream says that it lives on every so many-th interval. */
const KEEP_ALIVE_EVERY = 25;
/** An asset stale for longer than this is left out of `prices`, ms. */
const DROP_STALE_AFTER_MS = 5 * 60_000;

export type PlainOptions = {
  book: Book;
  /** The market clock, ms. */
  now(): number;
  staleAfterMs: number;
  mode: DataMode;
  isRunning(): boolean;
};

export type Plain = ReturnType<typeof createPlain>;

/** The messages of the plain contract, as text. `client/src/protocol.ts` describes them. */
export function createPlain({ book, now, staleAfterMs, mode, isRunning }: PlainOptions) {
  const label = labelOf(mode);
  const timestamp = () => iso(now());
  const encode = <Message>(message: Message): string => JSON.stringify(message);

  const priceUpdate = (): string | undefined => {
    const source = book.leader();
    if (source === undefined || book.stats().fresh === 0) return undefined;
    const prices: Record<string, string> = {};
    const stale: string[] = [];
    const quoted: Record<string, string[]> = {};
    const derived: Record<string, string[]> = {};
    const thin: string[] = [];
    const oldest = now() - staleAfterMs - DROP_STALE_AFTER_MS;
    for (const entry of book.since(0)) {
      if (entry.receivedAt < oldest) continue;
      prices[entry.asset] = entry.price;
      if (entry.stale) stale.push(entry.asset);
      if (entry.thin) thin.push(entry.asset);
      if (entry.derived) list(derived, entry.derived.quote, entry.asset);
      if (entry.quote !== "USD") list(quoted, entry.quote, entry.asset);
    }
    return encode<PriceUpdateMessage>({
      type: "price_update",
      prices,
      timestamp: timestamp(),
      source,
      stale,
      ...(isEmpty(quoted) ? {} : { quoted }),
      ...(isEmpty(derived) ? {} : { derived }),
      ...(thin.length > 0 ? { thin } : {}),
      ...label,
    });
  };

  const state = (): StreamState => {
    const { assets, fresh } = book.stats();
    if (fresh > 0) return "connected";
    return assets > 0 ? "stale" : "connecting";
  };

  const status = (): string => {
    const { assets, lastReceivedAt } = book.stats();
    return encode<StatusMessage>({
      type: "status",
      state: state(),
      source: book.leader() ?? null,
      prices_cached: assets,
      is_running: isRunning(),
      last_update: lastReceivedAt === undefined ? null : iso(lastReceivedAt),
      timestamp: timestamp(),
      ...label,
    });
  };

  const price = (entry: Entry): string =>
    encode<PriceMessage>({
      type: "price",
      symbol: entry.asset,
      price: entry.price,
      quote: entry.quote,
      source: entry.source,
      constituents: [...entry.constituents],
      stale: entry.stale,
      last_update: iso(entry.receivedAt),
      ...(entry.exchangeTime === undefined ? {} : { exchange_time: iso(entry.exchangeTime) }),
      ...(entry.derived ? { derived: entry.derived } : {}),
      ...(entry.spread === undefined ? {} : { spread: entry.spread }),
      ...(entry.thin ? { thin: true } : {}),
      timestamp: timestamp(),
      ...label,
    });

  const keepAlive = (): string =>
    encode<KeepAliveMessage>({ type: "keep_alive", timestamp: timestamp(), ...label });

  return {
    price,
    status,

    connection: (): string =>
      encode<ConnectionMessage>({
        type: "connection",
        status: "connected",
        protocols: [V1],
        message: "Connected to price stream",
        timestamp: timestamp(),
        ...label,
      }),

    pong: (): string => encode<PongMessage>({ type: "pong", timestamp: timestamp(), ...label }),

    error: (code: string, message: string, hint: string): string =>
      encode<ErrorMessage>({
        type: "error",
        code,
        message,
        hint,
        timestamp: timestamp(),
        ...label,
      }),

    /** `/ws/prices`: every asset, every second. A change of state is told at once. */
    all: (encoding: Encoding): Broadcast => ({
      key: "plain:*",
      contract: "plain",
      intervalMs: INTERVAL_MS,
      encoding,
      echoes: false,
      open() {
        let ticks = 0;
        let told = state();
        return () => {
          const update = priceUpdate();
          const messages = update === undefined ? [] : [update];
          if (++ticks % STATUS_EVERY === 0 || state() !== told) messages.push(status());
          told = state();
          return () => ({ messages, seq: 0 });
        };
      },
    }),

    /** `/ws/prices/{symbol}`: one asset, when it changes. */
    single: (asset: string, encoding: Encoding): Broadcast => ({
      key: `plain:${asset}`,
      contract: "plain",
      intervalMs: INTERVAL_MS,
      encoding,
      echoes: false,
      open() {
        const only = new Set([asset]);
        let seq = book.seq();
        let quiet = 0;
        return () => {
          const isQuiet = book.since(seq, only).length === 0;
          quiet = isQuiet ? quiet + 1 : 0;
          seq = book.seq();
          return (position) => {
            const changed = book.since(position, only).filter(({ listed }) => listed);
            const livesOn = isQuiet && quiet % KEEP_ALIVE_EVERY === 0;
            if (changed.length === 0 && livesOn) return { messages: [keepAlive()], seq };
            return { messages: changed.map(price), seq };
          };
        };
      },
    }),
  };
}

const isEmpty = (lists: Record<string, string[]>): boolean => Object.keys(lists).length === 0;

function list(lists: Record<string, string[]>, key: string, asset: string) {
  lists[key] ??= [];
  lists[key]?.push(asset);
}
