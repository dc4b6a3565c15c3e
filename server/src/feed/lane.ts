import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { reasonOf } from "../errors.ts";
import { parseJson } from "../sources/reading.ts";
import type { Connection, Source, Ticket } from "../sources/source.ts";
import type { Endpoint, Figures, LinkState, SourceEvent } from "../types.ts";
import { type Choice, PULSE } from "./choice.ts";
import { createComplaints } from "./complaints.ts";
import type { Failover, Standing } from "./failover.ts";
import type { Identity } from "./identity.ts";
import { createIntake } from "./intake.ts";
import type { ConnectBudgets } from "./link/budget.ts";
import type { Dial } from "./link/dial.ts";
import { type Links, startLinks } from "./link/links.ts";
import { courteous, type Rest } from "./link/rest.ts";
import type { RunnerTiming } from "./link/runner.ts";
import { createShares } from "./link/shares.ts";
import { createListing, type Listing } from "./listings.ts";
import type { Quotes } from "./price/quotes.ts";

/** One exchange as configured: the first of the list is preferred. */
export type FeedSource = {
  source: Source;
  endpoint: Endpoint;
  key: string | undefined;
};

/** How exchanges are reached. */
export type Network = { dial: Dial; rest: Rest; budgets: ConnectBudgets };

/** Lies between one source and the network, and sees all that passes. */
export type Tap = (network: Network, source: FeedSource) => Network;

export type LaneTiming = Omit<RunnerTiming, "silenceMs"> & {
  /** Stands in for each source's own silence limit, ms; `lifetimeMs` for its own lifetime. */
  silenceMs?: number | undefined;
};

export type LaneOptions = FeedSource & {
  /** Place in the order of preference. */
  index: number;
  identity: Identity;
  choice: Choice;
  quotes: Quotes;
  failover: Failover;
  timing: LaneTiming;
  clock: Clock;
  random(): number;
  log: Logger;
  /** Told of what the source's list says of assets, by id. */
  figures(figures: ReadonlyMap<string, Figures>): void;
  tap?: Tap | undefined;
  /** Called before each frame with the time of its receipt. */
  beforeFrame(now: number): void;
};

/** What `/health` tells of one source. */
export type SourceHealth = {
  name: string;
  /** Of several connections, that of the one that fares worst; so are reason and data age. */
  state: LinkState;
  /** Why the link is in this state. */
  stateReason: string;
  standing: Standing;
  /** Why it may speak for its assets, or may not. */
  standingReason: string;
  /** ms since the last price, null before the first. */
  dataAgeMs: number | null;
  connections: number;
  /** How often it has lost its assets to the next source. */
  failovers: number;
  /** Connections made anew after a break, or tried to. */
  reconnects: number;
  /** Connections replaced without a break. */
  rollovers: number;
  frames: Record<string, number>;
  prices: number;
  rejected: Record<string, number>;
};

/** All that belongs to one source: its links, its instrument list, and the way of its frames. */
export function createLane(options: LaneOptions) {
  const { source, endpoint, key, index, identity, choice, quotes, failover } = options;
  const { timing, clock, random, log } = options;
  const { name, facts } = source;
  const complaints = createComplaints(name, clock, log);
  const intake = createIntake(source, index, identity, quotes, complaints.rejected);
  const shares = createShares(facts.limits?.symbolsPerConnection ?? Number.POSITIVE_INFINITY);
  /** Symbols that the exchange does not know: not subscribed to again. */
  const refused = new Set<string>();
  /** When each connection brought its last price. */
  const lastDataAt: number[] = [];
  let links: Links | undefined;
  let listing: Listing | undefined;

  const frame = (text: string, link = 0): { event: SourceEvent; prices: number } => {
    const now = clock.now();
    options.beforeFrame(now);
    const read = intake.frame(text, now);
    if (read.prices > 0) {
      lastDataAt[link] = now;
      failover.data(index, now);
    }
    if (read.event.kind === "error") complaints.told(read.event.message);
    return read;
  };

  const changed = (state: LinkState, reason: string) => {
    if (state === "live") log.info({ source: name, reason }, `${name} is live: ${reason}`);
    if (state === "open") log.info({ source: name, reason }, `Connected to ${name}`);
    if (state === "down") {
      log.warn({ source: name, reason }, `Disconnected from ${name}: ${reason}`);
      failover.down(index, reason);
    }
    if (state === "fatal") {
      log.error({ source: name, reason }, `Refused by ${name}: ${reason}`);
      if ((links?.stats().live ?? 0) > 0) return;
      failover.fatal(index, reason);
      quotes.sweep(clock.now());
    }
  };

  const isAsked = (symbol: string) => !refused.has(symbol);

  const share = (): string[][] => {
    const symbols = identity.subscription(source, choice.isWanted).filter(isAsked);
    if (facts.firehose && !choice.isSelective) return [symbols];
    const [pulse] = identity.subscription(source, (asset) => asset === PULSE).filter(isAsked);
    return shares.spread(symbols, pulse);
  };

  return {
    source,
    frame,

    /** Takes in a recorded instrument list. */
    list(body: string) {
      try {
        const listed = source.listing.read(parseJson(body));
        identity.learn(source, listed);
        if (listed.figures) options.figures(listed.figures);
      } catch (error) {
        log.warn(
          { source: name, reason: reasonOf(error) },
          `The recorded list of ${name} is of no use`,
        );
      }
    },

    /** Connects, and keeps connected until stopped. */
    start(network: Network) {
      if (facts.keyVariable && !key) {
        const reason = `no API key: set ${facts.keyVariable}`;
        log.warn({ source: name, reason }, `${name} is off: ${reason}`);
        failover.fatal(index, reason);
        return;
      }
      const { dial, budgets, ...web } = options.tap?.(network, options) ?? network;
      const rest = courteous(web.rest, clock);
      const list = createListing({ ...options, rest });
      listing = list;
      const ticketOf = async (): Promise<Ticket | undefined> => {
        const office = source.ticket;
        if (!office) return undefined;
        const { body } = await rest({ url: office.url(endpoint), method: office.method });
        return office.read(body);
      };
      links = startLinks({
        async shares() {
          await list.refresh();
          return share();
        },
        async connection(symbols): Promise<Connection> {
          const ticket = await ticketOf();
          const selected = choice.isSelective;
          return source.connect({ endpoint, key, symbols, selected, ticket });
        },
        refuse(symbols) {
          const before = refused.size;
          for (const symbol of symbols) refused.add(symbol);
          return refused.size > before;
        },
        facts,
        budget: budgets.of(endpoint.ws, facts.limits?.connects),
        dial,
        clock,
        random,
        timing: {
          ...timing,
          silenceMs: timing.silenceMs ?? facts.silenceMs,
          lifetimeMs: timing.lifetimeMs ?? facts.lifetimeMs,
        },
        frame,
        changed,
      });
    },

    /** @param offReason why there is no link, where no failover tells it */
    health(offReason = failover.reason(index)): SourceHealth {
      const link = links?.stats();
      const isHeard = lastDataAt.filter(Number.isFinite).length >= (link?.connections ?? 1);
      return {
        name,
        state: link?.state ?? "off",
        stateReason: link?.reason ?? offReason,
        standing: failover.standing(index),
        standingReason: failover.reason(index),
        dataAgeMs: isHeard ? clock.now() - Math.min(...lastDataAt) : null,
        connections: link?.connections ?? 0,
        failovers: failover.losses(index),
        reconnects: link?.reconnects ?? 0,
        rollovers: link?.rollovers ?? 0,
        ...intake.stats(),
      };
    },

    listHealth: () => listing?.health(),

    stop() {
      links?.stop();
      listing?.stop();
    },
  };
}
