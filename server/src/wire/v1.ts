import {
  DEFAULT_INTERVAL_MS,
  decodeClientMessage,
  INTERVAL_MS,
  type SubscribeMessage,
  type UnsubscribeMessage,
} from "@cryptovault/price-stream/protocol/v1";
import type { Book } from "../book/book.ts";
import { type ClientErrorCode, clientErrors } from "../errors.ts";
import type { Encoding } from "../hub/frame.ts";
import type { Broadcast } from "../hub/group.ts";
import type { Membership } from "../hub/hub.ts";
import {
  type AssetSet,
  type Holding,
  intersection,
  NOTHING,
  rowsBetween,
  union,
  without,
} from "../hub/subscription.ts";
import type { V1 } from "../hub/v1.ts";
import type { Asset } from "../types.ts";

export type V1SessionOptions = {
  v1: V1;
  book: Book;
  find(name: string): Asset | undefined;
  /** Assets that one subscription may name. */
  mostAssets: number;
  encoding: Encoding;
  /** Whether the client can answer when asked for an echo. */
  echoes: boolean;
};

/** What the server does about one message: the text to send, and why the client has to go. */
export type V1Answer = {
  reply?: string;
  refused?: "too_many_assets";
  /** The message was an echo that the server had asked for. */
  wasAsked?: true;
};

type Change = SubscribeMessage | UnsubscribeMessage;

/** Names that nobody knows are kept until they are told, no more than so many times those of a subscription. */
const STRANGERS = 4;

/** What the next answer has to tell: how many changes it answers, names that were not ids, and strangers. */
type Notes = { changes: number; ids: Map<string, string>; strangers: Set<string> };

const newNotes = (): Notes => ({ changes: 0, ids: new Map(), strangers: new Set() });

/** What a client that joins wants before it has said so. */
export const beforeSubscribing = ({ v1, encoding, echoes }: V1SessionOptions) =>
  v1.broadcast(NOTHING, DEFAULT_INTERVAL_MS, encoding, echoes);

/** Reads the messages of one client of `cryptovault.v1.json`, and keeps what it is subscribed to. */
export function createV1Session(options: V1SessionOptions, membership: Membership) {
  const { v1, book, find, mostAssets, encoding, echoes } = options;
  let target: AssetSet = NOTHING;
  let interval = DEFAULT_INTERVAL_MS;
  /** What of `target` the client holds up to its position, and what it says to hold besides. */
  let held: AssetSet = NOTHING;
  let claims: Holding[] = [];
  /** Messages with `more`. */
  let parts: Change[] = [];
  let notes: Notes | undefined;

  const error = (code: ClientErrorCode): V1Answer => ({
    reply: v1.error(code, clientErrors[code].message, clientErrors[code].hint),
  });

  const tooMany = (): V1Answer => ({ ...error("too_many_assets"), refused: "too_many_assets" });

  const resolve = (names: "*" | readonly string[] = [], { strangers, ids }: Notes): AssetSet => {
    if (names === "*") return "*";
    return new Set(
      names.map((name) => {
        const id = find(name)?.id;
        if (id === undefined) strangers.add(name);
        else if (id !== name) ids.set(name, id);
        return id ?? name;
      }),
    );
  };

  const take = (part: Change, notes: Notes) => {
    const assets = resolve(part.assets, notes);
    if (part.type === "unsubscribe") {
      // "*" minus some was refused before.
      target = target === "*" ? NOTHING : without(target, assets);
      return;
    }
    target = union(target, assets);
    if (part.interval !== undefined) interval = stepped(part.interval);
    const { since } = part;
    if (since?.epoch === book.epoch && since.seq <= book.seq()) {
      claims.push({ assets, seq: since.seq });
    }
  };

  const answer = (broadcast: Broadcast) => {
    const { changes, ids, strangers } = notes ?? newNotes();
    const wants = target;
    const unknown = [...strangers].filter((name) => wants === "*" || wants.has(name));
    const subscription = {
      assets: wants === "*" ? wants : wants.size,
      interval,
      ...(ids.size > 0 ? { names: Object.fromEntries(ids) } : {}),
      ...(unknown.length > 0 ? { unknown } : {}),
      ...(changes > 1 ? { changes } : {}),
    };
    const position = membership.position();
    const holdings = [{ assets: held, seq: position }, ...claims];
    const isNew = changes === 1 && held !== "*" && held.size === 0;
    const isPlain = wants === "*" && ids.size === 0 && unknown.length === 0;
    const isCommon = isNew && isPlain && claims.every(({ assets }) => assets === "*");
    const key = `${interval} ${claims.map(({ seq }) => seq)}`;
    held = wants;
    claims = [];
    notes = undefined;
    const rows = () => rowsBetween(book, holdings, wants);
    return v1.answer(rows, subscription, broadcast, isCommon ? { key, position } : undefined);
  };

  const change = (message: Change): V1Answer => {
    const isMixed = parts.some(({ type }) => type !== message.type);
    const isHole = message.type === "unsubscribe" && message.assets !== "*" && target === "*";
    parts.push(message);
    if (isMixed || isHole) {
      parts = [];
      return error(isHole ? "cannot_exclude" : "bad_subscription");
    }
    if (parts.reduce((sum, part) => sum + weight(part), 0) > mostAssets) return tooMany();
    if (message.more) return {};
    const whole = parts;
    parts = [];
    notes ??= newNotes();
    for (const part of whole) take(part, notes);
    if (target !== "*" && target.size > mostAssets) return tooMany();
    if (notes.strangers.size > STRANGERS * mostAssets) return tooMany();
    // What it gave up it holds no more, even if it has asked for it again since.
    held = intersection(held, target);
    claims = claims.map(({ assets, seq }) => ({ assets: intersection(assets, target), seq }));
    notes.changes++;
    const broadcast = v1.broadcast(target, interval, encoding, echoes);
    membership.move(broadcast, () => answer(broadcast));
    return {};
  };

  return {
    change,

    receive(text: string, isBinary: boolean): V1Answer {
      if (isBinary) return error("text_only");
      const message = decodeClientMessage(text);
      if ("bad" in message) {
        // A list with a hole is none: what came of it before is dropped.
        if (message.bad === "bad_subscription") parts = [];
        return error(message.bad);
      }
      switch (message.type) {
        case "ping":
          return { reply: v1.pong() };
        case "echo":
          return membership.echoed(message.seq) ? { wasAsked: true } : {};
        default:
          return change(message);
      }
    },
  };
}

/** What a message counts towards the limit: its names, and at least itself. */
const weight = ({ assets }: Change): number =>
  assets === undefined || assets === "*" ? 1 : Math.max(1, assets.length);

/** Few different intervals make few different groups. */
const stepped = (interval: number): number =>
  Math.ceil(interval / INTERVAL_MS.step) * INTERVAL_MS.step;
