import type { Config } from "../config/config.ts";
import type { Environment } from "../config/given.ts";
import type { FeedSource } from "../feed/lane.ts";

/** The sources of `--sources`, in that order, with their addresses and keys. */
export const chosenSources = (config: Config, env: Environment): FeedSource[] =>
  config.sources.flatMap((name) =>
    config.known
      .filter((source) => source.name === name)
      .map((source) => ({
        source,
        endpoint: source.facts.endpoint,
        key: source.facts.keyVariable && env[source.facts.keyVariable],
      })),
  );
