import type { Logger } from "pino";
import { adminOf, type Config, limits, pricing } from "../config/config.ts";
import { type GatewayOptions, startGateway } from "../gateway.ts";
import type { Running } from "./exit.ts";
import { readFiles, reloadTls } from "./files.ts";
import { keepState } from "./state.ts";

/** Where the prices come from, begun, and how that ends. */
export type Begun = Pick<GatewayOptions, "upstream" | "sources" | "timing" | "recording"> & {
  /** Asked unless the configuration says otherwise. */
  coingecko: GatewayOptions["coingecko"];
  greeting(url: string): string;
  /** After the gateway is closed. */
  close(): Promise<unknown>;
  /** Where no gateway came of it. */
  discard(): Promise<unknown>;
};

/**
 * A gateway as the configuration wants it, with the state of the one before it.
 * @param begin called once the files of the configuration are read
 */
export async function runGateway(
  config: Config,
  log: Logger,
  begin: () => Promise<Begun>,
): Promise<Running> {
  const files = readFiles(config);
  const { greeting, close, discard, ...begun } = await begin();
  const kept = await keepState(config, begun.upstream.mode, log);
  const gateway = await startGateway({
    ...begun,
    ...files,
    coingecko: config.metadata === "off" ? undefined : begun.coingecko,
    host: config.host,
    port: config.port,
    admin: adminOf(config),
    assets: config.assets,
    pricing: pricing(config),
    limits: limits(config),
    restored: kept.restored,
    log,
  }).catch(async (error: unknown) => {
    try {
      await kept.giveBack();
    } finally {
      await discard();
    }
    throw error;
  });
  return {
    greeting: greeting(gateway.url),
    // In a terminal SIGHUP says that the window was closed, and is to end the process.
    ...(config.tlsCert || !process.stdin.isTTY
      ? { reload: () => reloadTls(gateway, config, log) }
      : {}),
    unsaved: kept.unsaved,
    drain: { run: () => gateway.drain(config.drain), ms: config.drain },
    async close() {
      try {
        await gateway.close();
        await kept.leave(gateway.state());
      } finally {
        await close();
      }
    },
  };
}
