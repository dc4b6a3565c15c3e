import type { Logger } from "pino";
import { type Config, feedTiming, pricing } from "../config.ts";
import type { FeedSource } from "../feed/lane.ts";
import { inspectRecording } from "../feed/recording.ts";
import { startGateway, type Upstream } from "../gateway.ts";
import { COINGECKO_REST } from "../metadata/coingecko.ts";
import type { Running } from "./exit.ts";

/** The gateway on the live exchanges, or on a recording. */
export async function serve(
  config: Config,
  env: Record<string, string | undefined>,
  log: Logger,
): Promise<Running> {
  const upstream = await upstreamOf(config, log);
  const recorded = upstream.mode === "replay" ? upstream.contents.sources : config.known;
  const gateway = await startGateway({
    host: config.host,
    port: config.port,
    upstream,
    sources: chosenSources(config, env).filter(({ source }) => recorded.includes(source)),
    pricing: pricing(config),
    coingecko:
      config.metadata === "off"
        ? undefined
        : { rest: COINGECKO_REST, key: env.COINGECKO_API_KEY || undefined },
    assets: config.assets,
    timing: feedTiming(config),
    log,
  });
  console.log(`Prices: http://localhost:${gateway.port}`);
  return gateway;
}

/** The sources of `--sources`, in that order, with their addresses and keys. */
export const chosenSources = (
  config: Config,
  env: Record<string, string | undefined>,
): FeedSource[] =>
  config.sources.flatMap((name) =>
    config.known
      .filter((source) => source.name === name)
      .map((source) => ({
        source,
        endpoint: source.facts.endpoint,
        key: source.facts.keyVariable && env[source.facts.keyVariable],
      })),
  );

async function upstreamOf(config: Config, log: Logger): Promise<Upstream> {
  if (config.replay === undefined) return { mode: "live" };
  const contents = await inspectRecording(config.replay, config.known);
  const { unclaimed, frames } = contents;
  if (Object.keys(unclaimed).length > 0) {
    log.warn({ unclaimed }, "The recording holds frames that no source knows");
  }
  const names = contents.sources.map(({ name }) => name);
  log.info({ file: config.replay, frames, sources: names }, "Replaying recorded traffic");
  return { mode: "replay", file: config.replay, speed: config.speed, loop: config.loop, contents };
}
