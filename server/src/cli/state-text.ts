/** How the state of a gateway is written down, and what must be true of it to be gone on with. */
import { z } from "zod";
import type { BookState } from "../book/book.ts";
import { isPrice } from "../sources/reading.ts";

/** Older prices are of no use to anybody, and clients of then have given up, ms. */
const OF_USE_MS = 600_000;

/** Clocks are set back by so much without a word, ms. */
const CLOCK_TOLERANCE_MS = 2000;

/** Exchanges' clocks are not ahead by more, ms. */
const EXCHANGE_AHEAD_MS = 86_400_000;

/** From there a sequence still has as many numbers before it as JavaScript counts without a gap. */
const LARGEST_SEQ = Number.MAX_SAFE_INTEGER / 2;

const VERSION = 1;

const price = z.string().refine(isPrice, "is no price");
const name = z.string().min(1).max(100);
const seq = z.int().min(0).max(LARGEST_SEQ);

const entry = z
  .object({
    asset: name,
    price,
    quote: name,
    source: name,
    constituents: z.array(name),
    derived: z.object({ price, quote: name, rate: price }).optional(),
    spread: z.number().min(0).optional(),
    thin: z.boolean(),
    receivedAt: z.number().min(0),
    exchangeTime: z.number().min(0).optional(),
    change24h: z.number().optional(),
    seq: seq.min(1),
    ref: z.int().min(0),
    stale: z.boolean(),
    listed: z.boolean(),
    changeSeq: seq,
    factsSeq: seq,
  })
  .transform(({ derived, spread, exchangeTime, change24h, ...known }) => ({
    ...known,
    derived,
    spread,
    exchangeTime,
    change24h,
  }));

const file = z
  .object({
    version: z.literal(VERSION),
    feed: z.string(),
    savedAt: z.number(),
    epoch: z.uuid(),
    seq,
    entries: z.array(entry),
  })
  .superRefine(({ seq, entries }, { addIssue }) => {
    const distinct = (key: "asset" | "ref") => new Set(entries.map((one) => one[key])).size;
    if (distinct("asset") < entries.length) addIssue("an asset is there twice");
    if (distinct("ref") < entries.length || entries.some(({ ref }) => ref >= entries.length)) {
      addIssue("the refs don't number the entries");
    }
    if (entries.some((one, i) => one.seq <= (entries[i - 1]?.seq ?? 0) || one.seq > seq)) {
      addIssue("the entries are not in the order of their seq");
    }
    if (entries.some((one) => Math.max(one.changeSeq, one.factsSeq) > one.seq)) {
      addIssue("a part of an entry is newer than the entry");
    }
  });

/** How every state begins, of whatever version: by this a file is known to be one, whole or not. */
export const isState = (head: string): boolean => /^\{"version":\d+,"feed":/.test(head);

/** @param feed what the prices are made of: only a gateway with the same goes on with them */
export const writeState = ({ epoch, seq, entries }: BookState, feed: string, now: number): string =>
  JSON.stringify({ version: VERSION, feed, savedAt: now, epoch, seq, entries });

/** @throws Error that says why it is of no use */
export function readState(text: string, feed: string, now: number): BookState {
  const { data, error } = file.safeParse(parsed(text));
  if (!data) {
    const [first] = error.issues;
    throw new Error(`it can't be read: ${[...(first?.path ?? []), first?.message].join(" ")}`);
  }
  const { savedAt, epoch, seq, entries } = data;
  if (data.feed !== feed) throw new Error(`it is of ${data.feed}, not of ${feed}`);
  if (now - savedAt > OF_USE_MS) throw new Error("it is too old");
  // A clock that was set back would take old prices for fresh ones.
  const newest = Math.max(savedAt, ...entries.map(({ receivedAt }) => receivedAt));
  if (newest - now > CLOCK_TOLERANCE_MS) throw new Error("it is from the future");
  const told = Math.max(0, ...entries.map(({ exchangeTime = 0 }) => exchangeTime));
  if (told - now > EXCHANGE_AHEAD_MS) throw new Error("an exchange's time is in the future");
  return { epoch, seq, entries };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
