import type { ClientMessage, HelloMessage, Position, SubscribeMessage } from "../protocol/v1.ts";
import { LONGEST_NAME } from "../protocol/v1.ts";
import type { Wish } from "../transport.ts";

/** Left free in a message for everything but its names, in bytes. */
const ENVELOPE_BYTES = 400;

export type Ledger = ReturnType<typeof createLedger>;

/**
 * What the server was asked for, and what of it is held, so that it can be told what is missing. One
 * change is under way at a time. Outlives connections, like the mirror. Pure.
 */
export function createLedger(wish: () => Wish) {
  const ids = new Map<string, string>();
  let limits: HelloMessage["limits"] = { messageBytes: 4096, messagesPerSecond: 20, assets: 1000 };
  /** Names asked for on this connection. */
  let asked: ReadonlySet<string> = new Set();
  let askedAll = false;
  /** Ids that are held from earlier answers, up to the mirror's position. */
  let held: ReadonlySet<string> = new Set();
  let heldAll = false;
  let isFirst = true;
  let pending = 0;
  let dropped: readonly string[] = [];

  const idOf = (name: string): string => ids.get(name) ?? name;

  const namesOf = ({ assets, names }: Wish): Set<string> =>
    new Set([...(assets === "*" ? names : assets)].filter(isName).map(idOf));

  /** Everything, at once: the first change on a connection. */
  const begin = (names: Set<string>, isAll: boolean, since: Position | undefined) => {
    const { interval } = wish();
    if (isAll) {
      askedAll = true;
      const claim = heldAll && since ? { since } : {};
      if (!heldAll) held = new Set();
      return [{ type: "subscribe", assets: "*", interval, ...claim } as const];
    }
    asked = names;
    held = new Set(since && !heldAll ? [...names].filter((name) => held.has(name)) : []);
    heldAll = false;
    const others = [...names].filter((name) => !held.has(name));
    return inParts([
      ...split([...held], limits).map((assets) => ({
        assets,
        interval,
        ...(since ? { since } : {}),
      })),
      ...split(others, limits).map((assets) => ({ assets, interval })),
    ]);
  };

  const change = (names: Set<string>, isKnown: (id: string) => boolean): ClientMessage[] => {
    // Of all assets only those need to be named that the server may know by another name.
    const isNew = (name: string) => !asked.has(name) && !(askedAll && isKnown(name));
    const added = [...names].filter(isNew);
    dropped = askedAll ? [] : [...asked].map(idOf).filter((id) => !names.has(id));
    asked = askedAll ? new Set([...asked, ...added]) : names;
    const outs = split(dropped, limits).map((assets) => ({ type: "unsubscribe" as const, assets }));
    return [
      ...outs.map((one, place) =>
        place < outs.length - 1 ? { ...one, more: true as const } : one,
      ),
      ...inParts(split(added, limits).map((assets) => ({ assets }))),
    ];
  };

  return {
    /** A new connection: nothing was asked for on it yet. */
    connected(told: HelloMessage["limits"] = limits) {
      limits = told;
      asked = new Set();
      askedAll = false;
      isFirst = true;
      pending = 0;
      dropped = [];
    },

    /**
     * What has to be sent now.
     * @param since up to where what is held counts; undefined if it counts no more
     * @param isKnown whether an asset with such an id is held
     */
    next(since: Position | undefined, isKnown: (id: string) => boolean): ClientMessage[] {
      if (pending > 0) return [];
      const names = namesOf(wish());
      const isAll = wish().assets === "*" || names.size > limits.assets;
      const starts = (isAll && !askedAll) || (asked.size === 0 && !askedAll && names.size > 0);
      const messages = starts ? begin(names, isAll, since) : change(names, isKnown);
      pending = messages.filter((message) => !("more" in message)).length;
      return messages;
    },

    /**
     * An answer has come, and is about to be applied.
     * @param known what is held
     * @returns the ids to be forgotten before, and whether it is the first answer of the connection
     */
    answered(
      changes: number,
      known: Iterable<string>,
    ): { forget: readonly string[]; isFirst: boolean } {
      const wasFirst = isFirst;
      const unclaimed = heldAll ? [] : [...known].filter((id) => !held.has(id));
      const forget = wasFirst ? unclaimed : dropped;
      // Even if they are asked for again before all of this is settled.
      held = new Set([...held].filter((id) => !dropped.includes(id)));
      isFirst = false;
      pending = Math.max(0, pending - changes);
      return { forget, isFirst: wasFirst };
    },

    /** Whether nothing is asked for, and no answer awaited. */
    isIdle: (): boolean => pending === 0 && !askedAll && asked.size === 0,

    /** It was applied. */
    settled(names: Readonly<Record<string, string>> = {}) {
      for (const [name, id] of Object.entries(names)) ids.set(name, id);
      if (pending > 0) return;
      dropped = [];
      heldAll = askedAll;
      asked = new Set([...asked].map(idOf));
      held = asked;
    },
  };
}

/** A name that the server would take; one that it refuses would cost the whole list. */
const isName = (name: string): boolean =>
  name !== "" && name !== "*" && name.length <= LONGEST_NAME;

/** Lists that fit into one message each. */
function split(names: readonly string[], { messageBytes }: HelloMessage["limits"]): string[][] {
  const lists: string[][] = [];
  let room = 0;
  for (const name of names) {
    // In UTF-8 a UTF-16 unit takes 3 bytes at most, and escaped 6.
    const bytes = name.length * (/^[\w-]*$/.test(name) ? 1 : 6) + 3;
    if (lists.length === 0 || bytes > room) {
      lists.push([]);
      room = messageBytes - ENVELOPE_BYTES;
    }
    lists.at(-1)?.push(name);
    room -= bytes;
  }
  return lists;
}

const inParts = (parts: Omit<SubscribeMessage, "type" | "more">[]): SubscribeMessage[] =>
  parts.map((part, place) => ({
    type: "subscribe",
    ...part,
    ...(place < parts.length - 1 ? { more: true } : {}),
  }));
