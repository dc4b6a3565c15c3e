import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Listed, Source } from "../sources/source.ts";
import type { Endpoint } from "../types.ts";
import type { Identity } from "./identity.ts";
import { createPoll, type PollHealth } from "./link/poll.ts";
import type { Rest } from "./link/rest.ts";

/** An exchange's list is asked for again after so long, ms. */
const REFRESH_MS = 3_600_000;
/** A list that is asked for by itself is looked after this often, ms. */
const LOOK_MS = 15_000;

export type Listing = ReturnType<typeof createListing>;

/** Keeps the instrument list of one source. It never fails: prices don't wait for lists. */
export function createListing(options: {
  source: Source;
  endpoint: Endpoint;
  key: string | undefined;
  identity: Identity;
  rest: Rest;
  clock: Clock;
  random(): number;
  log: Logger;
  /** Told of the figures in the list, at each answer. */
  figures(figures: NonNullable<Listed["figures"]>): void;
}) {
  const { name, listing } = options.source;
  let figures: Listed["figures"];
  const tell = () => {
    if (figures) options.figures(figures);
  };
  const poll = createPoll({
    ...options,
    name,
    pages: [{ url: listing.url(options.endpoint, options.key) }],
    everyMs: REFRESH_MS,
    take(body) {
      const listed = listing.read(body);
      options.identity.learn(options.source, listed);
      figures = listed.figures;
      tell();
    },
    keep: tell,
  });
  if (listing.figures) poll.start(LOOK_MS);

  return {
    /**
     * Asks for the list if it is due, and waits for the answer (5 s at the most). A list of figures
     * is asked for by itself, and nothing waits for it.
     */
    async refresh(): Promise<void> {
      if (!listing.figures) await poll.ask();
    },

    /** Undefined where the list holds no figures. */
    health: (): PollHealth | undefined => (listing.figures ? poll.health() : undefined),

    stop: poll.stop,
  };
}
