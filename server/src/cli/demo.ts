import type { Logger } from "pino";
import { type Config, feedTiming } from "../config/config.ts";
import { startEmulator } from "../emulator/emulator.ts";
import { isExchange } from "../emulator/venue.ts";
import { chosenSources } from "./chosen-sources.ts";
import type { Running } from "./exit.ts";
import { runGateway } from "./run-gateway.ts";

const KEY = "demo";

/** The gateway on the emulator, which listens on 127.0.0.1 only. */
export const demo = (config: Config, log: Logger): Promise<Running> =>
  runGateway(config, log, async () => {
    const emulator = await startEmulator({ coincapKey: KEY });
    const sources = chosenSources(config, {}).flatMap(({ source }) => {
      const { name } = source;
      if (isExchange(name)) return [{ source, endpoint: emulator.endpoints[name], key: KEY }];
      log.warn({ source: name }, `${name} is not emulated: it has no part in the demo`);
      return [];
    });
    return {
      upstream: { mode: "demo", control: emulator.url },
      sources,
      // A person who mends an exchange in the demo wants to see it come back.
      timing: { ...feedTiming(config), fatalRetryMs: 10_000 },
      coingecko: { rest: emulator.coingecko.rest, key: undefined },
      greeting: (url) => `\n  CryptoVault demo: ${url}\n  Made-up prices. Stop with Ctrl-C.\n`,
      close: emulator.close,
      discard: emulator.close,
    };
  });
