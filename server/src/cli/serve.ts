import type { Logger } from "pino";
import { type Config, feedTiming } from "../config/config.ts";
import type { Environment } from "../config/given.ts";
import { inspectRecording } from "../feed/recording/recording.ts";
import type { Upstream } from "../gateway.ts";
import { COINGECKO_REST } from "../metadata/coingecko.ts";
import { chosenSources } from "./chosen-sources.ts";
import type { Running } from "./exit.ts";
import { startRecording } from "./recording.ts";
import { runGateway } from "./run-gateway.ts";

/** The gateway on the live exchanges, or on a recording. */
export const serve = (config: Config, log: Logger, env: Environment): Promise<Running> =>
  runGateway(config, log, async () => {
    const upstream = await upstreamOf(config, log);
    const readers = upstream.mode === "replay" ? upstream.contents.sources : config.known;
    const sources = chosenSources(config, env).filter(({ source }) => readers.includes(source));
    const recording = config.record
      ? await startRecording(config.record, config, sources, log)
      : undefined;
    return {
      upstream,
      sources,
      recording,
      timing: feedTiming(config),
      coingecko: { rest: COINGECKO_REST, key: config.coingeckoKey },
      greeting: (url) => `Prices: ${url}`,
      close: async () => recording?.stop(),
      discard: async () => recording?.discard(),
    };
  });

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
