import type { LookupFunction } from "node:net";
import { type Clock, every, systemClock } from "../clock.ts";
import bundledAssets from "../sources/assets.json" with { type: "json" };
import type { Endpoint } from "../types.ts";
import { createCoingecko, type RestFault } from "./coingecko.ts";
import { type FaultDetail, type FaultName, faultCatalogue, faultsOf, readFault } from "./faults.ts";
import { openFront } from "./front.ts";
import { createLine, type Line, type LineState } from "./line.ts";
import { createMarket, type Market } from "./market.ts";
import { createNames, hostOf, type NamesOptions } from "./names.ts";
import { createTape } from "./tape.ts";
import { universe } from "./universe.ts";
import { DOCUMENTED_TIMING, type Exchange, forEach, type Timing } from "./venue.ts";
import { venues } from "./venues/index.ts";

export type { RestFault } from "./coingecko.ts";
export type { FaultDetail, FaultName } from "./faults.ts";
export type { Market } from "./market.ts";
export type { Exchange } from "./venue.ts";

export type EmulatorOptions = {
  /** The same seed gives the same market. Default 1. */
  seed?: number;
  /** Default 0: any that is free. */
  port?: number;
  /** How many assets there are, 500 to 2000; default 600. */
  assets?: number;
  /** The API key that the emulated CoinCap accepts. Default `demo`. */
  coincapKey?: string;
  clock?: Clock;
  /** How often the market moves and the exchanges tell of it, ms. Default 1000. */
  tickMs?: number;
  /** Shorter intervals than the documented ones, for tests. */
  timing?: Partial<Timing>;
  /** With it the exchanges can be reached by name over TLS too, and fail at DNS and at TLS. */
  names?: NamesOptions;
};

export type Emulator = {
  /** `http://127.0.0.1:PORT`, the control API's. */
  url: string;
  /** What stands in for each exchange's public addresses. */
  endpoints: Record<Exchange, Endpoint>;
  /** CoinGecko, which is no exchange: a REST API with faults of its own. */
  coingecko: {
    rest: string;
    break(fault: RestFault): void;
    mend(): void;
  };
  /** How they are reached by name, sockets over TLS; undefined without `names`. */
  byName: { endpoints: Record<Exchange, Endpoint>; lookup: LookupFunction } | undefined;
  /** The truth that the exchanges tell, each a little differently. */
  market: Market;
  /** Makes something go wrong. Throws where the exchange cannot have that fault. */
  break(exchange: Exchange, fault: FaultName, detail?: FaultDetail): void;
  mend(exchange: Exchange): void;
  state(): EmulatorState;
  /** Ends every socket, timer and listener. */
  close(): Promise<void>;
};

export type EmulatorState = {
  exchanges: Record<Exchange, LineState & { faults: FaultName[] }>;
  faults: readonly { name: FaultName; meaning: string }[];
};

const LEAST_ASSETS = 500;
const MOST_ASSETS = 2000;

/** Starts the exchanges on one port of the loopback interface, with a market that moves by itself. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { seed = 1, port = 0, assets = 600, coincapKey: key = "demo", tickMs = 1000 } = options;
  const { clock = systemClock } = options;
  const timing = { ...DOCUMENTED_TIMING, ...options.timing };
  if (!Number.isInteger(assets) || assets < LEAST_ASSETS || assets > MOST_ASSETS) {
    throw new RangeError(`assets must be an integer from ${LEAST_ASSETS} to ${MOST_ASSETS}`);
  }

  const market = createMarket(seed, universe(bundledAssets, assets), clock.now());
  const listed = forEach((name) => venues[name].pairs(market.assets));
  const lines = forEach((name, index): Line => {
    const { share, create } = venues[name];
    const pairs = listed[name];
    const tape = createTape({ market, pairs, seed: seed + index + 1, share, tickMs });
    return createLine(name, create({ clock, market, pairs, timing, key }), tape, clock);
  });
  const allLines = Object.values(lines);

  const stopMarket = every(clock, tickMs, () => {
    market.step(clock.now());
    for (const line of allLines) line.step(clock.now());
  });

  const offered = (name: Exchange) => faultsOf(name, options.names !== undefined);
  const tryBreak = (exchange: Exchange, name: unknown, detail: unknown) => {
    const trades = (asset: string) => listed[exchange].some((pair) => pair.asset === asset);
    const fault = readFault(exchange, offered(exchange), trades, name, detail);
    if (!("error" in fault)) lines[exchange].break(fault);
    return fault;
  };
  const mend = (exchange: Exchange) => lines[exchange].mend();
  const state = (): EmulatorState => {
    const exchanges = forEach((name) => ({ ...lines[name].state(), faults: offered(name) }));
    return { exchanges, faults: faultCatalogue };
  };
  const stop = () => {
    stopMarket();
    for (const line of allLines) line.close();
  };

  const coingecko = createCoingecko(market, clock);
  const names = options.names && createNames(options.names, (name) => lines[name].state().fault);
  const controls = { state, break: tryBreak, mend };
  const front = await openFront(port, lines, coingecko, controls, names).catch((error) => {
    stop();
    throw error;
  });
  const address = `127.0.0.1:${front.port}`;
  const rest = (name: Exchange) => `http://${address}/${name}`;
  return {
    url: `http://${address}`,
    endpoints: forEach((name) => ({
      ws: `ws://${address}/${name}`,
      rest: rest(name),
    })),
    coingecko: {
      rest: `http://${address}/coingecko`,
      break: coingecko.break,
      mend: coingecko.mend,
    },
    byName: names && {
      endpoints: forEach((name) => ({
        ws: `wss://${hostOf(name)}:${front.tlsPort}/${name}`,
        rest: rest(name),
      })),
      lookup: names.lookup,
    },
    market,
    break(exchange, fault, detail) {
      const outcome = tryBreak(exchange, fault, detail);
      if ("error" in outcome) throw new Error(`${outcome.error}; ${outcome.hint}`);
    },
    mend,
    state,
    async close() {
      stop();
      await front.close();
    },
  };
}
