import type {
  Facts,
  HeartbeatMessage,
  HelloMessage,
  Position,
  UpdateMessage,
} from "./protocol/v1.ts";

/** The price of one asset, and what is known of it. Replaced as a whole when anything in it changes. */
export type Price = {
  /** The asset's id: `bitcoin`. */
  readonly asset: string;
  /** Decimal string in `quote`, as the exchange wrote it. */
  readonly price: string;
  /** Currency of the price: `USD`, `USDT`, … */
  readonly quote: string;
  /** The currency it was converted to USD from, at the live rate; null where it came in `quote`. */
  readonly derivedFrom: string | null;
  /** Fewer exchanges agree on it than the gateway's operator asked for. */
  readonly thin: boolean;
  /** The exchange that speaks for it, or `median`; empty where the plain contract does not tell. */
  readonly source: string;
  /** Change over 24 hours in percent, two decimals; null where nobody knows. */
  readonly change24h: number | null;
  /**
   * The exchange's own time of the price, null where it tells none. In ms since 1970, by the gateway's
   * clock: don't compare it with your own.
   */
  readonly exchangeTime: number | null;
  /** Of an old price: when the gateway had received it, by its clock; null while fresh, or not told. */
  readonly staleSince: number | null;
  /** The price is old, or nobody vouches for it at the moment: don't show it as live. */
  readonly stale: boolean;
};

export type Mirror = ReturnType<typeof createMirror>;

/**
 * What a client of `cryptovault.v1.json` holds: the gateway's book at the client's position, as far as it
 * has subscribed. Outlives connections: `hello` of a new one empties it where its numbers have lost
 * their meaning. Pure.
 */
export function createMirror() {
  const names = new Map<number, string>();
  const assets = new Map<string, Price>();
  let position: Position | undefined;
  /** Until a connection has answered, its seq is that of a client that holds nothing. */
  let isAnswered = false;

  const move = (seq: number) => {
    if (position) position = { ...position, seq };
  };

  return {
    /** @returns whether what is held goes on to count: resume from `position()` then */
    hello({ epoch }: HelloMessage): boolean {
      isAnswered = false;
      if (position?.epoch === epoch) return true;
      names.clear();
      assets.clear();
      position = { epoch, seq: 0 };
      return false;
    },

    /** @returns the ids of the assets that it tells of */
    update(message: UpdateMessage): string[] {
      const { seq, prices, change24h, ages, facts = [], removed = [] } = message;
      const now = Date.parse(message.timestamp);
      const told = new Map<number, Omit<Price, keyof Row>>();
      for (const about of facts) {
        eachRef(about.assets, (ref, place) => {
          const name = about.names[place] ?? "";
          names.set(ref, name);
          told.set(ref, { asset: name, ...readFacts(about, place, now) });
        });
      }
      const changed: string[] = [];
      eachRef(message.assets, (ref, place) => {
        const asset = names.get(ref) ?? "";
        const known = assets.get(asset);
        const facts = told.get(ref) ?? known;
        const price = prices[place];
        // Rows of an asset that was unsubscribed from a moment ago may still be under way.
        if (price === undefined || !facts) return;
        const age = ages?.[place] ?? undefined;
        assets.set(asset, {
          ...facts,
          price,
          change24h: (change24h ? change24h[place] : known?.change24h) ?? null,
          exchangeTime: age === undefined ? null : now - age,
        });
        changed.push(asset);
      });
      eachRef(removed, (ref) => {
        const asset = names.get(ref) ?? "";
        if (assets.delete(asset)) changed.push(asset);
      });
      if (message.subscription) isAnswered = true;
      move(seq);
      return changed;
    },

    heartbeat({ seq }: HeartbeatMessage) {
      if (isAnswered) move(seq);
    },

    /**
     * To be called before an answer is applied, for what is subscribed to no more; and for what the
     * client has not told this connection that it holds, or has given up and asked for again: that comes
     * whole, but of an asset that is priced no more nothing comes.
     */
    forget(asset: string) {
      assets.delete(asset);
    },

    /** What to resume from; undefined before the first hello. */
    position: (): Position | undefined => position,

    get: (asset: string): Price | undefined => assets.get(asset),
    all: (): ReadonlyMap<string, Price> => assets,
  };
}

/** What comes in columns. */
type Row = Pick<Price, "price" | "change24h" | "exchangeTime">;

const readFacts = (
  { source, quote, derivedFrom, thin, stale }: Facts,
  place: number,
  now: number,
) => {
  const age = stale?.[place];
  return {
    source,
    quote,
    derivedFrom: derivedFrom ?? null,
    thin: thin ?? false,
    staleSince: age === undefined ? null : now - age,
    stale: age !== undefined,
  };
};

/** Calls `fn` with each of the numbers that `gaps` stand for. */
function eachRef(gaps: readonly number[], fn: (ref: number, place: number) => void) {
  let ref = 0;
  gaps.forEach((gap, place) => {
    ref += gap;
    fn(ref, place);
  });
}
