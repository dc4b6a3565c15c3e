import type { Logger } from "pino";
import { type Config, feedTiming, pricing } from "../config/config.ts";
import type { Environment } from "../config/given.ts";
import { OperatorError } from "../errors.ts";
import { createFeed } from "../feed/feed.ts";
import { createConnectBudgets } from "../feed/link/budget.ts";
import { dial } from "../feed/link/dial.ts";
import { rest } from "../feed/link/rest.ts";
import { bundledAssets } from "../sources/assets.ts";
import { chosenSources } from "./chosen-sources.ts";
import type { Running } from "./exit.ts";
import { startRecording } from "./recording.ts";

/** Records the links of the feed to `file`, without a gateway, until a limit or a signal. */
export async function record(
  file: string,
  config: Config,
  log: Logger,
  env: Environment,
): Promise<Running> {
  const sources = chosenSources(config, env);
  const recording = await startRecording(file, config, sources, log);
  const feed = createFeed({
    sources,
    assets: bundledAssets,
    chosen: config.assets,
    pricing: pricing(config),
    timing: feedTiming(config),
    network: { dial, rest, budgets: createConnectBudgets() },
    tap: recording.tap,
    clock: recording.clock,
    random: Math.random,
    log,
    publish() {},
    listedChange: () => undefined,
    figures() {},
  });
  feed.start();
  return {
    ended: recording.ended,
    async close() {
      feed.stop();
      const { failure } = await recording.stop();
      if (failure) throw new OperatorError("The recording is not complete.", 1);
    },
  };
}
