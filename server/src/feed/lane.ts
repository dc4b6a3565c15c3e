import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { type Connection, parseJson, type Source, type Ticket } from "../sources/source.ts";
import type { Endpoint, LinkState, SourceEvent } from "../types.ts";
import { createComplaints } from "./complaints.ts";
import type { Dial } from "./dial.ts";
import type { Failover, Standing } from "./failover.ts";
import type { Identity } from "./identity.ts";
import { createIntake } from "./intake.ts";
import { createListing } from "./listings.ts";
import type { Quotes } from "./quotes.ts";
import type { FetchJson } from "./rest.ts";
import { type Runner, type RunnerTiming, startRunner } from "./runner.ts";

/** One exchange as configured: the first of the list is preferred. */
export type FeedSource = {
  source: Source;
  endpoint: Endpoint;
  key: string | undefined;
};

/** How exchanges are reached. */
export type Network = { dial: Dial; fetchJson: FetchJson };

/** How one source is reached. */
export type NetworkOf = (source: FeedSource) => Network;

export type LaneTiming = Omit<RunnerTiming, "silenceMs"> & {
  /** Stands in for each source's own silence limit, ms. */
  silenceMs?: number | undefined;
};

export type LaneOptions = FeedSource & {
  /** Place in the order of preference. */
  index: number;
  identity: Identity;
  quotes: Quotes;
  failover: Failover;
  timing: LaneTiming;
  clock: Clock;
  random(): number;
  log: Logger;
  /** Called before each frame with the time of its receipt. */
  beforeFrame(now: number): void;
};

/** What `/health` tells of one source. */
export type SourceHealth = {
  name: string;
  state: LinkState;
  /** Why the link is in this state. */
  stateReason: string;
  standing: Standing;
  /** Why it may speak for its assets, or may not. */
  standingReason: string;
  /** ms since the last price, null before the first. */
  dataAgeMs: number | null;
  reconnects: number;
  frames: Record<string, number>;
  prices: number;
  rejected: Record<string, number>;
};

/** All that belongs to one source: its link, its instrument list, and the way of its frames. */
export function createLane(options: LaneOptions) {
  const { source, endpoint, key, index, identity, quotes, failover, timing, clock, log } = options;
  const { name, facts } = source;
  const complain = createComplaints(name, clock, log);
  const intake = createIntake(source, index, identity, quotes, complain);
  /** Symbols that the exchange does not know: not subscribed to again. */
  const refused = new Set<string>();
  let runner: Runner | undefined;
  let lastDataAt: number | undefined;

  const frame = (text: string): { event: SourceEvent; prices: number } => {
    const now = clock.now();
    options.beforeFrame(now);
    const read = intake.frame(text, now);
    if (read.prices > 0) {
      lastDataAt = now;
      failover.data(index, now);
    }
    if (read.event.kind === "error") {
      for (const symbol of read.event.symbols ?? []) refused.add(symbol);
      const { message } = read.event;
      log.warn({ source: name, message }, `Error from ${name}: ${message}`);
    }
    return read;
  };

  const changed = (state: LinkState, reason: string) => {
    if (state === "open") log.info({ source: name }, `Connected to ${name}`);
    if (state === "down") {
      log.warn({ source: name, reason }, `Disconnected from ${name}: ${reason}`);
      failover.down(index, reason);
    }
    if (state === "fatal") {
      log.error({ source: name, reason }, `Refused by ${name}: ${reason}`);
      failover.fatal(index, reason);
      quotes.sweep(clock.now());
    }
  };

  const ticketFrom = async (fetchJson: FetchJson): Promise<Ticket | undefined> => {
    const office = source.ticket;
    return office?.read(await fetchJson(office.url(endpoint), office.method));
  };

  return {
    source,
    frame,

    /** Takes in a recorded instrument list. */
    list(body: string) {
      try {
        identity.learn(source, source.listing.read(parseJson(body)));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ source: name, reason }, `The recorded list of ${name} is of no use`);
      }
    },

    /** Connects, and keeps connected until stopped. */
    start(networkOf: NetworkOf) {
      if (facts.keyVariable && !key) {
        const reason = `no API key: set ${facts.keyVariable}`;
        log.warn({ source: name, reason }, `${name} is off: ${reason}`);
        failover.fatal(index, reason);
        return;
      }
      const { dial, fetchJson } = networkOf(options);
      const listing = createListing({ source, endpoint, key, identity, fetchJson, clock, log });
      const connection = async (): Promise<Connection> => {
        await listing.refresh();
        const symbols = identity.subscription(source).filter((symbol) => !refused.has(symbol));
        const ticket = await ticketFrom(fetchJson);
        return source.connect({ endpoint, key, symbols, selected: false, ticket });
      };
      runner = startRunner({
        connection,
        dial,
        clock,
        random: options.random,
        timing: { ...timing, silenceMs: timing.silenceMs ?? facts.silenceMs },
        frame,
        changed,
      });
    },

    /** @param offReason why there is no link, where no failover tells it */
    health(offReason = failover.reason(index)): SourceHealth {
      const link = runner?.stats();
      return {
        name,
        state: link?.state ?? "off",
        stateReason: link?.reason ?? offReason,
        standing: failover.standing(index),
        standingReason: failover.reason(index),
        dataAgeMs: lastDataAt === undefined ? null : clock.now() - lastDataAt,
        reconnects: link?.reconnects ?? 0,
        ...intake.stats(),
      };
    },

    stop() {
      runner?.stop();
    },
  };
}
