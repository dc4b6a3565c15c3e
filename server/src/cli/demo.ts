import type { Logger } from "pino";
import { adminOf, type Config, feedTiming, limits, pricing } from "../config/config.ts";
import { startEmulator } from "../emulator/emulator.ts";
import { isExchange } from "../emulator/venue.ts";
import { startGateway } from "../gateway.ts";
import type { Running } from "./exit.ts";
import { readFiles, reloadTls } from "./files.ts";
import { chosenSources } from "./serve.ts";
import { keepState } from "./state.ts";

const KEY = "demo";

/** The gateway on the emulator, which listens on 127.0.0.1 only. */
export async function demo(
  config: Config,
  _env: Record<string, string | undefined>,
  log: Logger,
): Promise<Running> {
  const files = readFiles(config);
  const emulator = await startEmulator({ coincapKey: KEY });
  const sources = chosenSources(config, {}).flatMap(({ source }) => {
    const { name } = source;
    if (isExchange(name)) return [{ source, endpoint: emulator.endpoints[name], key: KEY }];
    log.warn({ source: name }, `${name} is not emulated: it has no part in the demo`);
    return [];
  });
  const kept = await keepState(config, "demo", log);
  const gateway = await startGateway({
    host: config.host,
    port: config.port,
    upstream: { mode: "demo", control: emulator.url },
    sources,
    pricing: pricing(config),
    limits: limits(config),
    ...files,
    admin: adminOf(config),
    coingecko:
      config.metadata === "off" ? undefined : { rest: emulator.coingecko.rest, key: undefined },
    // A person who mends an exchange in the demo wants to see it come back.
    assets: config.assets,
    timing: { ...feedTiming(config), fatalRetryMs: 10_000 },
    log,
    restored: kept.restored,
  }).catch(async (error: unknown) => {
    await emulator.close();
    if (kept.restored) await kept.leave(kept.restored);
    throw error;
  });
  return {
    greeting: `\n  CryptoVault demo: ${gateway.url}\n  Made-up prices. Stop with Ctrl-C.\n`,
    ...(config.tlsCert ? { reload: () => reloadTls(gateway, config, log) } : {}),
    drain: { run: () => gateway.drain(config.drain), ms: config.drain },
    async close() {
      await gateway.close();
      try {
        await kept.leave(gateway.state());
      } finally {
        await emulator.close();
      }
    },
  };
}
