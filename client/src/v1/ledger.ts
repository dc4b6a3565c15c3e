import type {
  ClientMessage,
  Position,
  SubscribeMessage,
  UnsubscribeMessage,
} from "../protocol/v1.ts";
import type { Wish } from "../transport.ts";

/** So many names of 64 characters fit into a message of 4 KiB, and 1,000 names into 20 messages. */
const NAMES_PER_MESSAGE = 55;
/** What may be the name of an asset; a single other one would cost the whole list. */
const NAME = /^(?!\*$)[!-~]{1,64}$/;

export type Ledger = ReturnType<typeof createLedger>;

/**
 * What the server was asked for, and what of it is held, so that it can be told what is missing. One
 * change is under way at a time. Outlives connections, like the mirror. Pure.
 */
export function createLedger(wish: () => Wish) {
  /** Names that the server has translated → ids. */
  const ids = new Map<string, string>();
  /** Names asked for on this connection. */
  let asked = new Set<string>();
  let askedAll = false;
  /** Ids that are held from earlier answers, up to the mirror's position. */
  let held = new Set<string>();
  let heldAll = false;
  let dropped: string[] = [];
  let most = 0;
  let isFirst = true;
  let pending = 0;

  const idOf = (name: string): string => ids.get(name) ?? name;

  return {
    /** A new connection: nothing was asked for on it yet. `mostAssets`: in one subscription. */
    connected(mostAssets: number) {
      most = mostAssets;
      asked = new Set();
      askedAll = false;
      dropped = [];
      isFirst = true;
      pending = 0;
    },

    /**
     * What has to be sent now.
     * @param since up to where what is held counts; undefined if it counts no more
     * @param known what is held, by id
     */
    next(since: Position | undefined, known: ReadonlyMap<string, unknown>): ClientMessage[] {
      if (pending > 0) return [];
      const { assets, interval, names } = wish();
      const wanted = new Set([...(assets === "*" ? names : assets)].filter(isName).map(idOf));
      const isAll = assets === "*" || wanted.size > most;
      const starts = asked.size === 0 && !askedAll;
      const messages: ClientMessage[] = [];
      if (isAll && !askedAll) {
        const claim = heldAll && since ? { since } : {};
        heldAll &&= since !== undefined;
        held = new Set();
        askedAll = true;
        messages.push({ type: "subscribe", assets: "*", interval, ...claim });
      } else {
        if (starts)
          held = new Set(since && !heldAll ? [...wanted].filter((id) => held.has(id)) : []);
        dropped = askedAll ? [] : [...asked].filter((id) => !wanted.has(id));
        // Where all are asked for, only names that may be symbols are worth telling.
        const unknown = [...wanted].filter((id) => !asked.has(id) && !(askedAll && known.has(id)));
        const added = askedAll ? unknown.slice(0, Math.max(0, most - asked.size - 1)) : unknown;
        const claimed = starts ? added.filter((id) => held.has(id)) : [];
        const others = starts ? added.filter((id) => !held.has(id)) : added;
        if (!askedAll) heldAll = false;
        asked = askedAll ? new Set([...asked, ...added]) : wanted;
        messages.push(
          ...inParts(parts(dropped, { type: "unsubscribe" })),
          ...inParts([
            ...parts(claimed, { type: "subscribe", interval, ...(since && { since }) }),
            ...parts(others, { type: "subscribe", interval }),
          ]),
        );
      }
      pending = messages.filter((message) => !("more" in message)).length;
      return messages;
    },

    /** Whether nothing is asked for. */
    isIdle: (): boolean => !askedAll && asked.size === 0,

    /**
     * An answer has come, and is about to be applied.
     * @returns the ids to be forgotten before, and whether it is the first answer of the connection
     */
    answered(changes: number, known: ReadonlyMap<string, unknown>) {
      const unclaimed = heldAll ? [] : [...known.keys()].filter((id) => !held.has(id));
      const answer = { forget: isFirst ? unclaimed : dropped, isFirst };
      // Even if they are asked for again before all of this is settled.
      for (const id of dropped) held.delete(id);
      isFirst = false;
      pending = Math.max(0, pending - changes);
      return answer;
    },

    /** It was applied. */
    settled(names: Readonly<Record<string, string>> = {}) {
      for (const [name, id] of Object.entries(names)) ids.set(name, id);
      if (pending > 0) return;
      dropped = [];
      heldAll = askedAll;
      asked = new Set([...asked].map(idOf));
      held = new Set(asked);
    },
  };
}

const isName = (name: string): boolean => NAME.test(name);

type Change = SubscribeMessage | UnsubscribeMessage;

/** One message for each list that fits. */
function parts(names: string[], message: SubscribeMessage | { type: "unsubscribe" }): Change[] {
  const lists: Change[] = [];
  for (let from = 0; from < names.length; from += NAMES_PER_MESSAGE) {
    lists.push({ ...message, assets: names.slice(from, from + NAMES_PER_MESSAGE) });
  }
  return lists;
}

const inParts = (changes: Change[]): Change[] =>
  changes.map((one, place) => (place < changes.length - 1 ? { ...one, more: true } : one));
