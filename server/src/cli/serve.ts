import type { Logger } from "pino";
import { adminOf, type Config, feedTiming, limits, pricing } from "../config/config.ts";
import type { FeedSource } from "../feed/lane.ts";
import { inspectRecording } from "../feed/recording/recording.ts";
import { startGateway, type Upstream } from "../gateway.ts";
import { COINGECKO_REST } from "../metadata/coingecko.ts";
import type { Running } from "./exit.ts";
import { readFiles, reloadTls } from "./files.ts";
import { startRecording } from "./recording.ts";
import { keepState } from "./state.ts";

/** The gateway on the live exchanges, or on a recording. */
export async function serve(
  config: Config,
  env: Record<string, string | undefined>,
  log: Logger,
): Promise<Running> {
  const files = readFiles(config);
  const upstream = await upstreamOf(config, log);
  const { mode } = upstream;
  const recorded = upstream.mode === "replay" ? upstream.contents.sources : config.known;
  const chosen = chosenSources(config, env).filter(({ source }) => recorded.includes(source));
  const recording = config.record
    ? await startRecording(config.record, config, chosen, log)
    : undefined;
  const kept = await keepState(config, mode, log);
  const gateway = await startGateway({
    host: config.host,
    port: config.port,
    upstream,
    sources: chosen,
    pricing: pricing(config),
    limits: limits(config),
    ...files,
    admin: adminOf(config),
    coingecko:
      config.metadata === "off" ? undefined : { rest: COINGECKO_REST, key: config.coingeckoKey },
    assets: config.assets,
    timing: feedTiming(config),
    log,
    recording,
    restored: kept.restored,
  }).catch(async (error: unknown) => {
    await recording?.discard();
    if (kept.restored) await kept.leave(kept.restored);
    throw error;
  });
  return {
    greeting: `Prices: ${gateway.url}`,
    ...(config.tlsCert ? { reload: () => reloadTls(gateway, config, log) } : {}),
    drain: { run: () => gateway.drain(config.drain), ms: config.drain },
    async close() {
      await gateway.close();
      try {
        await kept.leave(gateway.state());
      } finally {
        await recording?.stop();
      }
    },
  };
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
  const { unclaimed, frames, lost, cut } = contents;
  if (Object.keys(unclaimed).length > 0) {
    log.warn({ unclaimed }, "The recording holds frames that no source knows");
  }
  if (cut) log.warn({ frames }, "The recording is cut off: playing it up to there");
  if (lost > 0) log.warn({ lost }, "The recording has gaps, where the disk was too slow for it");
  const names = contents.sources.map(({ name }) => name);
  log.info({ file: config.replay, frames, sources: names }, "Replaying recorded traffic");
  return { mode: "replay", file: config.replay, speed: config.speed, loop: config.loop, contents };
}
