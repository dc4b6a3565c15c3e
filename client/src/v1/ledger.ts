import type {
  ClientMessage,
  Position,
  SubscribeMessage,
  Subscription,
  UnsubscribeMessage,
} from "../protocol/v1.ts";
import type { Wish } from "../transport.ts";

/** So many names of 64 characters fit into a message of 4 KiB, and 1,000 names into 20 messages. */
const NAMES_PER_MESSAGE = 55;
/** What may be the name of an asset; a single other one would cost the whole list. */
const NAME = /^(?!\*$)[!-~]{1,64}$/;

export type Ledger = ReturnType<typeof createLedger>;

/**
 * What the server was asked for, so that it can be told what is missing. One change is under way at a
 * time. Pure.
 */
export function createLedger(wish: () => Wish, interval: number) {
  /** Names asked for on this connection. */
  let asked = new Set<string>();
  let askedAll = false;
  /** What is held is of all assets there are. Outlives connections. */
  let holdsAll = false;
  /** False from going from all to some until that is settled: its first answer moves the position alone. */
  let isSound = true;
  /** Whether what is held of an asset still counts once the change under way is answered. */
  let isKept: (id: string) => boolean = always;
  let most = 0;
  let pending = 0;

  return {
    /** A new connection: nothing was asked for on it yet. `mostAssets`: in one subscription. */
    connected(mostAssets: number) {
      most = mostAssets;
      asked = new Set();
      askedAll = false;
      pending = 0;
    },

    /**
     * What has to be sent now.
     * @param position up to where what is held counts
     * @param held what is held, by id
     */
    next(position: Position | undefined, held: ReadonlyMap<string, unknown>): ClientMessage[] {
      if (pending > 0) return [];
      const wanted = new Set([...wish()].filter((name) => NAME.test(name)));
      const all = wish().has("*") || wanted.size > most;
      const starts = asked.size === 0 && !askedAll;
      const since = isSound && position?.seq ? { since: position } : {};
      const messages: ClientMessage[] = [];
      if (all && askedAll) {
        // Only names that may be symbols are worth telling, and so few at a time that it is no flood.
        const news = [...wanted].filter((name) => !asked.has(name) && !held.has(name));
        const added = news.slice(0, Math.min(NAMES_PER_MESSAGE, most - asked.size - 1));
        asked = new Set([...asked, ...added]);
        messages.push(...inParts(parts(added, { type: "subscribe", interval })));
      } else if (all) {
        const claim = holdsAll ? since : {};
        isKept = starts && !claim.since ? never : always;
        askedAll = true;
        messages.push({ type: "subscribe", assets: "*", interval, ...claim });
      } else {
        const isAnew = starts || askedAll;
        const canClaim = isAnew && since.since !== undefined;
        const isClaimed = (id: string) => canClaim && held.has(id);
        if (askedAll) {
          messages.push({ type: "unsubscribe", assets: "*" });
          asked = new Set();
          isSound = false;
        }
        const ended = [...asked].filter((name) => !wanted.has(name));
        const news = [...wanted].filter((name) => !asked.has(name));
        const others = news.filter((name) => !isClaimed(name));
        isKept = isAnew && !canClaim ? never : (id) => wanted.has(id);
        askedAll = false;
        holdsAll = false;
        asked = wanted;
        messages.push(
          ...inParts(parts(ended, { type: "unsubscribe" })),
          ...inParts([
            ...parts(news.filter(isClaimed), { type: "subscribe", interval, ...since }),
            ...parts(others, { type: "subscribe", interval }),
          ]),
        );
      }
      pending = messages.filter((message) => !("more" in message)).length;
      return messages;
    },

    /** A change was refused: what it asked for stays without an answer. */
    refused() {
      pending = Math.max(0, pending - 1);
    },

    /** Whether an asset is asked for, as far as its name is known. */
    isAsked: (id: string): boolean => askedAll || asked.has(id),

    /** Whether nothing is asked for. */
    isIdle: (): boolean => !askedAll && asked.size === 0,

    /**
     * An answer has come.
     * @param held what is held, by id
     * @returns the ids to be forgotten before it is applied
     */
    answered({ changes = 1, names = {} }: Subscription, held: ReadonlyMap<string, unknown>) {
      const ids = new Map(Object.entries(names));
      const ended = [...held.keys()].filter((id) => !isKept(id));
      asked = new Set([...asked].map((name) => ids.get(name) ?? name));
      isKept = always;
      pending = Math.max(0, pending - changes);
      if (pending === 0) {
        holdsAll = askedAll;
        isSound = true;
      }
      return ended;
    },
  };
}

const always = () => true;
const never = () => false;

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
