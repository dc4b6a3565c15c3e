import type { Quote } from "../types.ts";

/** What the book holds of one asset. A change makes a new one, and so does a price that is told again. */
export type Entry = Readonly<
  Quote & {
    /** The number that the last change took. */
    seq: number;
    /** Names the asset in this epoch: 0 for the first that had a price, 1 for the next. */
    ref: number;
    stale: boolean;
    listed: boolean;
    /** The number that the last change of the 24 h change took. */
    changeSeq: number;
    /** The number that the last change of anything but price, 24 h change and times took. */
    factsSeq: number;
  }
>;

/** An asset that no source has priced for so long is delisted, ms. */
const DELIST_AFTER_MS = 24 * 3_600_000;

export type BookOptions = {
  /** Names this run of the sequence: numbers of another epoch mean nothing here. */
  epoch: string;
  /** An entry is stale when its last tick was received more than this ago, ms. */
  staleAfterMs: number;
  /** What an earlier book of the same epoch held. */
  restored?: BookState | undefined;
};

/** All that a book holds, in the order of the last change. */
export type BookState = { epoch: string; seq: number; entries: readonly Entry[] };

export type Book = ReturnType<typeof createBook>;

type Node = {
  /** To be read by `latest`. */
  entry: Entry;
  /** The same price told again, which nobody has asked for yet: most are told again before that. */
  renewal: Quote | undefined;
  before: Node | undefined;
  after: Node | undefined;
};

/**
 * The price book: one entry per asset; every change to an entry takes the next number of one
 * growing sequence. Pure; times in ms of the market clock.
 *
 * Entries form a list in the order of their last change, so that `since` costs what it returns.
 */
export function createBook({ epoch, staleAfterMs, restored }: BookOptions) {
  const nodes = new Map<string, Node>();
  const bySource = new Map<string, number>();
  let newest: Node | undefined;
  let seq = 0;
  let fresh = 0;
  let lastReceivedAt: number | undefined;
  let swept = { seq: 0, at: 0 };
  let changesPerS = 0;

  const unlink = (node: Node) => {
    if (node.before) node.before.after = node.after;
    if (node.after) node.after.before = node.before;
    if (newest === node) newest = node.before;
  };

  const link = (node: Node) => {
    node.before = newest;
    node.after = undefined;
    if (newest) newest.after = node;
    newest = node;
  };

  const count = ({ listed, source, stale }: Entry, by: 1 | -1) => {
    if (!listed) return;
    const speaksFor = (bySource.get(source) ?? 0) + by;
    if (speaksFor > 0) bySource.set(source, speaksFor);
    else bySource.delete(source);
    if (!stale) fresh += by;
  };

  /** The entry takes the next number, and becomes the newest. */
  const enter = (node: Node, entry: Entry) => {
    const { source, stale, listed } = node.entry;
    if (entry.source !== source || entry.stale !== stale || entry.listed !== listed) {
      count(node.entry, -1);
      count(entry, 1);
    }
    node.entry = entry;
    node.renewal = undefined;
    unlink(node);
    link(node);
  };

  const sinceOfAll = (position: number, assets?: ReadonlySet<string>): Entry[] => {
    const changed: Entry[] = [];
    for (let node = newest; node && node.entry.seq > position; node = node.before) {
      if (assets && !assets.has(node.entry.asset)) continue;
      if (node.entry.listed || position > 0) changed.push(latest(node));
    }
    return changed.reverse();
  };

  const everything = (): Entry[] => {
    const entries: Entry[] = [];
    for (let node = newest; node; node = node.before) entries.push(latest(node));
    return entries.reverse();
  };

  const sinceOfSome = (position: number, assets: ReadonlySet<string>): Entry[] => {
    const changed: Entry[] = [];
    for (const asset of assets) {
      const node = nodes.get(asset);
      if (!node || node.entry.seq <= position) continue;
      if (node.entry.listed || position > 0) changed.push(latest(node));
    }
    return changed.sort((a, b) => a.seq - b.seq);
  };

  for (const entry of restored?.entries ?? []) {
    const node = { entry, renewal: undefined, before: undefined, after: undefined };
    nodes.set(entry.asset, node);
    count(entry, 1);
    link(node);
    lastReceivedAt = Math.max(lastReceivedAt ?? 0, entry.receivedAt);
  }
  seq = restored?.seq ?? 0;

  return {
    epoch,

    /** All that is held, delisted assets too. */
    state: (): BookState => ({ epoch, seq, entries: everything() }),

    /**
     * Enters a price. A repeated one renews the entry's time without taking a number.
     * @returns whether it took a number
     */
    put(quote: Quote, now: number): boolean {
      const stale = now - quote.receivedAt > staleAfterMs;
      lastReceivedAt = Math.max(lastReceivedAt ?? 0, quote.receivedAt);
      const node = nodes.get(quote.asset);
      if (!node) {
        const numbers = { seq: ++seq, ref: nodes.size, changeSeq: seq, factsSeq: seq };
        const entry = { ...quote, ...numbers, stale, listed: true };
        const first = { entry, renewal: undefined, before: undefined, after: undefined };
        nodes.set(quote.asset, first);
        count(entry, 1);
        link(first);
        return true;
      }
      const { entry } = node;
      const facts = haveChanged(entry, quote, stale);
      const change = entry.change24h !== quote.change24h || !entry.listed;
      if (!facts && !change && entry.price === quote.price) {
        node.renewal = quote;
        return false;
      }
      enter(node, {
        ...quote,
        seq: ++seq,
        ref: entry.ref,
        changeSeq: change ? seq : entry.changeSeq,
        factsSeq: facts ? seq : entry.factsSeq,
        stale,
        listed: true,
      });
      return true;
    },

    /** Marks what has become stale, and delists what nobody prices any more. Call it each second. */
    sweep(now: number) {
      if (now > swept.at) changesPerS = Math.round(((seq - swept.seq) / (now - swept.at)) * 1000);
      swept = { seq, at: now };
      for (const node of nodes.values()) {
        const age = now - (node.renewal ?? node.entry).receivedAt;
        const stale = age > staleAfterMs;
        const listed = age <= DELIST_AFTER_MS;
        if (stale === node.entry.stale && listed === node.entry.listed) continue;
        enter(node, { ...latest(node), seq: ++seq, factsSeq: seq, stale, listed });
      }
    },

    /**
     * What changed after `position`, in the order of change: the one query behind every delivery.
     * Delisted assets are part of it unless `position` is 0.
     * @param assets only these; all when left out
     */
    since(position: number, assets?: ReadonlySet<string>): Entry[] {
      const atMost = Math.min(seq - position, nodes.size);
      return assets && assets.size < atMost
        ? sinceOfSome(position, assets)
        : sinceOfAll(position, assets);
    },

    /** Undefined for what has no price, or is delisted. */
    get(asset: string): Entry | undefined {
      const node = nodes.get(asset);
      return node?.entry.listed ? latest(node) : undefined;
    },

    /** The newest number taken. */
    seq: (): number => seq,

    /** The source that speaks for most assets; undefined before the first price. */
    leader(): string | undefined {
      let leader: [string | undefined, number] = [undefined, 0];
      for (const row of bySource) if (row[1] > leader[1]) leader = row;
      return leader[0];
    },

    /**
     * Numbers as they stand. `bySource` has for how many assets each source speaks; `lastReceivedAt` is the
     * newest receipt of any price; `changesPerS` counts the numbers taken between the last two sweeps.
     */
    stats() {
      let listed = 0;
      for (const number of bySource.values()) listed += number;
      const stale = listed - fresh;
      return {
        epoch,
        seq,
        assets: listed,
        fresh,
        stale,
        bySource: Object.fromEntries(bySource),
        changesPerS,
        lastReceivedAt,
      };
    },
  };
}

/** Whether anything but price, 24 h change and times has. */
const haveChanged = (entry: Entry, quote: Quote, stale: boolean): boolean =>
  entry.source !== quote.source ||
  entry.quote !== quote.quote ||
  entry.derived?.quote !== quote.derived?.quote ||
  entry.thin !== quote.thin ||
  entry.stale !== stale ||
  !entry.listed;

/** The entry with the time when its price was last told. */
function latest(node: Node): Entry {
  if (node.renewal) {
    node.entry = { ...node.entry, ...node.renewal };
    node.renewal = undefined;
  }
  return node.entry;
}
