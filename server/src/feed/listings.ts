import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Source } from "../sources/source.ts";
import type { Endpoint } from "../types.ts";
import type { Identity } from "./identity.ts";
import type { FetchJson } from "./rest.ts";

/** An exchange's list is asked for again after so long, ms. */
const REFRESH_MS = 3_600_000;
/** After a failed request the next is made no sooner than this, ms. */
const RETRY_MS = 60_000;

/** Keeps the instrument list of one source. It never fails: prices don't wait for lists. */
export function createListing(options: {
  source: Source;
  endpoint: Endpoint;
  key: string | undefined;
  identity: Identity;
  fetchJson: FetchJson;
  clock: Clock;
  log: Logger;
}) {
  const { source, endpoint, key, identity, clock, log } = options;
  let askAgainAt = 0;

  return {
    /** Asks for the list if it is due, and waits for the answer (5 s at the most). */
    async refresh(): Promise<void> {
      if (clock.now() < askAgainAt) return;
      askAgainAt = clock.now() + RETRY_MS;
      try {
        const body = await options.fetchJson(source.listing.url(endpoint, key));
        identity.learn(source, source.listing.read(body));
        askAgainAt = clock.now() + REFRESH_MS;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn(
          { source: source.name, reason },
          `No instrument list from ${source.name}, going on with the bundled one`,
        );
      }
    },
  };
}
