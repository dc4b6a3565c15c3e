import { isDeepStrictEqual } from "node:util";
import type {
  Position,
  SubscribeMessage,
  Subscription,
  UnsubscribeMessage,
} from "@cryptovault/price-stream/protocol/v1";
import { idOf } from "./script.ts";

export type Assets = "*" | ReadonlySet<string>;
export type ChangeMessage = SubscribeMessage | UnsubscribeMessage;

const NONE: Assets = new Set();
/** What the contract says of a client that names no interval, and how others are rounded up, ms. */
const INTERVAL_MS = { default: 1000, step: 50 };

type Claim = { assets: Assets; seq: number };

/** What a change was to bring about. */
type Change = {
  target: Assets;
  interval: number;
  names: Map<string, string>;
  unknown: Set<string>;
  claims: Claim[];
};

/** What an answer has brought about. */
export type Answered = {
  target: Assets;
  /** Up to where the client holds this asset until then; 0 where it does not, or no longer. */
  from(asset: string): number;
};

const includes = (assets: Assets, asset: string): boolean => assets === "*" || assets.has(asset);

/** What one client has asked for on one connection, and what the answers have to say. */
export function createWishes(epoch: string) {
  let wanted: Pick<Change, "target" | "interval"> = {
    target: NONE,
    interval: INTERVAL_MS.default,
  };
  let answered: Assets | undefined;
  let pending: Change[] = [];

  const accepts = (claim: Position | undefined): claim is Position => claim?.epoch === epoch;

  return {
    /** Notes the messages of one change, all but the last with `more`. */
    ask(parts: readonly ChangeMessage[]) {
      let { target, interval } = wanted;
      const names = new Map<string, string>();
      const unknown = new Set<string>();
      const claims: Claim[] = [];
      for (const part of parts) {
        const assets = part.assets === "*" ? part.assets : new Set<string>();
        for (const name of part.assets === "*" ? [] : (part.assets ?? [])) {
          const id = idOf(name) ?? name;
          if (assets !== "*") assets.add(id);
          if (idOf(name) === undefined) unknown.add(name);
          else if (id !== name) names.set(name, id);
        }
        if (part.type === "unsubscribe") {
          target = target === "*" || assets === "*" ? NONE : target.difference(assets);
          continue;
        }
        target = target === "*" || assets === "*" ? "*" : target.union(assets);
        if (part.interval !== undefined) {
          interval = Math.ceil(part.interval / INTERVAL_MS.step) * INTERVAL_MS.step;
        }
        if (accepts(part.since)) claims.push({ assets, seq: part.since.seq });
      }
      wanted = { target, interval };
      pending.push({ target, interval, names, unknown, claims });
    },

    /**
     * An answer has come.
     * @param position up to where the client holds what was answered before
     * @returns what is wrong with it, or what it has brought about
     */
    answer(subscription: Subscription, position: number): Answered | string {
      const { changes = 1 } = subscription;
      const done = pending.slice(0, changes);
      pending = pending.slice(changes);
      const last = done.at(-1);
      if (!last || done.length !== changes) return "it answers more changes than were asked for";
      const names = new Map(done.flatMap((change) => [...change.names]));
      const strangers = new Set(done.flatMap((change) => [...change.unknown]));
      const unknown = [...strangers].filter((name) => includes(last.target, name));
      const due: Subscription = {
        assets: last.target === "*" ? "*" : last.target.size,
        interval: last.interval,
        ...(names.size > 0 ? { names: Object.fromEntries(names) } : {}),
        ...(unknown.length > 0 ? { unknown } : {}),
        ...(changes > 1 ? { changes } : {}),
      };
      if (!isDeepStrictEqual(subscription, due)) {
        return `its subscription is ${JSON.stringify(subscription)}, not ${JSON.stringify(due)}`;
      }
      const before = answered ?? NONE;
      const stayed = (asset: string, since: number) =>
        done.slice(since).every(({ target }) => includes(target, asset));
      answered = last.target;
      return {
        target: last.target,
        from(asset) {
          if (includes(before, asset) && stayed(asset, 0)) return position;
          for (const [n, { claims }] of done.entries()) {
            const claim = claims.find(({ assets }) => includes(assets, asset));
            if (claim && stayed(asset, n)) return claim.seq;
          }
          return 0;
        },
      };
    },

    wanted: () => wanted,
    answered: () => answered,
    pending: () => pending.length,
  };
}

export type Wishes = ReturnType<typeof createWishes>;
