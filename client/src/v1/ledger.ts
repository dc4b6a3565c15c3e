import type {
  ClientMessage,
  Position,
  SubscribeMessage,
  Subscription,
  UnsubscribeMessage,
} from "../protocol/v1.ts";
import type { Wish } from "../transport.ts";

/**
 * What a list of names may take of a message of 4 KiB, in characters. So 1,000 names of a dozen take four
 * messages; a gateway allows 20 in a second.
 */
const ROOM = 3900;
/** Under `"*"` so many are told at a time: one message, however long they are. */
const NAMES_AT_ONCE = 55;
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

  const isIdle = () => !askedAll && asked.size === 0;

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
      const wished = wish();
      const wanted = new Set([...wished].filter((name) => NAME.test(name)));
      const all = wished.has("*") || wanted.size > most;
      const starts = isIdle();
      const since = isSound && position?.seq ? { since: position } : {};
      const messages: ClientMessage[] = [];
      if (all && askedAll) {
        // Only names that may be symbols are worth telling, and so few at a time that it is no flood.
        const news = [...wanted].filter((name) => !asked.has(name) && !held.has(name));
        const added = news.slice(0, Math.min(NAMES_AT_ONCE, most - asked.size - 1));
        asked = new Set([...asked, ...added]);
        messages.push(...parts(added, { type: "subscribe", interval }));
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
    isIdle,

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

/** As few messages as the names fit into. */
function parts(names: string[], message: SubscribeMessage | { type: "unsubscribe" }): Change[] {
  const lists: Change[] = [];
  let assets: string[] = [];
  let room = 0;
  for (const name of names) {
    const length = JSON.stringify(name).length + 1;
    if (length > room) {
      assets = [];
      lists.push({ ...message, assets });
      room = ROOM;
    }
    room -= length;
    assets.push(name);
  }
  return lists;
}

const inParts = (changes: Change[]): Change[] =>
  changes.map((one, place) => (place < changes.length - 1 ? { ...one, more: true } : one));
