import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type Emulator, startEmulator } from "../../src/emulator/emulator.ts";
import { EXCHANGES, type Exchange } from "../../src/emulator/venue.ts";
import { venues } from "../../src/emulator/venues/index.ts";
import type { PolicyName } from "../../src/feed/price/policies.ts";
import type { FeedTiming } from "../../src/feed/timing.ts";
import { startGateway } from "../../src/gateway.ts";
import { sources } from "../../src/sources/index.ts";
import { createOutages } from "./outages.ts";
import { createTruth } from "./truth.ts";

export const TICK_MS = 100;
const ASSETS = 500;
export const KEY = "chaos";

/** Seconds in place of the default minute, so that much happens in a short time. */
export const TIMING: FeedTiming = {
  staleAfterMs: 3000,
  failoverAfterMs: 1000,
  holdMs: 1000,
  connectTimeoutMs: 1000,
  silenceMs: 800,
  stableMs: 60_000,
  backoff: { baseMs: 200, capMs: 2000 },
  fatalRetryMs: 2000,
};

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** A gateway on emulated exchanges, and what is known of both. */
export async function startStage(seed: number, policy: PolicyName, log: Logger) {
  let note = (_now: number) => {};
  const emulator = await startEmulator({
    seed,
    assets: ASSETS,
    tickMs: TICK_MS,
    coincapKey: KEY,
    clock: noting(systemClock, (now) => note(now)),
  });
  const gateway = await startGateway({
    ...gatewayOn(emulator),
    pricing: { policy, minSources: 2 },
    log,
  });

  const pairs = new Map(
    EXCHANGES.map((name) => [name, venues[name].pairs(emulator.market.assets)]),
  );
  const truth = createTruth(emulator.market, [...pairs.values()].flat());
  note = truth.note;
  truth.note(Date.now());
  const outages = createOutages(pairs);
  const trades = (name: Exchange, asset: string) =>
    pairs.get(name)?.some((pair) => pair.asset === asset && pair.active) ?? false;

  return {
    emulator,
    port: gateway.port,
    truth,
    outages,
    /** Assets that every exchange trades, the largest first. */
    everywhere: outages.assets().filter((asset) => EXCHANGES.every((name) => trades(name, asset))),

    /** Closes everything. Its clients must be gone by themselves, its sockets with the gateway. */
    async close(violate: (what: string) => void) {
      for (const name of EXCHANGES) emulator.mend(name);
      const clients = () => gateway.health().hub.clients;
      if (!(await comesTrue(() => clients() === 0)))
        violate(`${clients()} clients of none are left`);
      await gateway.close();
      const connections = () =>
        EXCHANGES.reduce((sum, name) => sum + emulator.state().exchanges[name].connections, 0);
      if (!(await comesTrue(() => connections() === 0))) {
        violate(`${connections()} connections to exchanges are left`);
      }
      await emulator.close();
    },
  };
}

/** Options of a gateway on these emulated exchanges. */
export const gatewayOn = ({
  url,
  endpoints,
  coingecko,
}: Pick<Emulator, "url" | "endpoints" | "coingecko">) => ({
  host: "127.0.0.1",
  port: 0,
  upstream: { mode: "demo", control: url } as const,
  sources: sources.flatMap((source) =>
    EXCHANGES.filter((name) => name === source.name).map((name) => ({
      source,
      endpoint: endpoints[name],
      key: KEY,
    })),
  ),
  coingecko: { rest: coingecko.rest, key: undefined },
  timing: TIMING,
});

/** Waits for up to 5 s. */
export async function comesTrue(condition: () => boolean): Promise<boolean> {
  for (let n = 0; n < 100 && !condition(); n++) await sleep(50);
  return condition();
}

/** The same clock, telling of each time that a timer has run. */
const noting = (clock: Clock, note: (now: number) => void): Clock => ({
  now: clock.now,
  soon: clock.soon,
  after: (ms, fn) =>
    clock.after(ms, () => {
      fn();
      note(clock.now());
    }),
});
