/**
 * What it costs to bring a raw frame to the book, beside others on the same frames. What is measured,
 * and how to read it: docs/performance.md.
 */
import { parseArgs } from "node:util";
import { installPeers } from "./common/install.ts";
import type { Contender } from "./ingest/contender.ts";
import { jsonParse } from "./ingest/floor.ts";
import { gateway } from "./ingest/gateway.ts";
import { measure, type Result } from "./ingest/measure.ts";
import { ccxt, tardis } from "./ingest/peers.ts";
import { ratiosOf, report } from "./ingest/report.ts";
import { binanceInUsdt, binanceMix, coinbaseTickers, type Workload } from "./ingest/workloads.ts";

const { values: options } = parseArgs({
  options: {
    /** One JSON object instead of the table. */
    json: { type: "boolean", default: false },
    /** Without ccxt and tardis-dev, which are not installed then. */
    "no-peers": { type: "boolean", default: false },
    rounds: { type: "string", default: "31" },
  },
});
const counted = Number(options.rounds);
const rounds = { warmUp: Math.ceil(counted / 4), counted };

async function peersOn(workload: Workload): Promise<Contender[]> {
  if (options["no-peers"]) return [];
  const peers = [await ccxt(workload)];
  if (workload.exchange === "coinbase") peers.push(await tardis());
  return peers;
}

async function run(workload: Workload, framesPerRound: number): Promise<Result> {
  const others = [jsonParse(), ...(await peersOn(workload))];
  return measure(workload, gateway(workload), others, { ...rounds, framesPerRound });
}

if (!options["no-peers"]) installPeers();
const arrays = await run(binanceMix(), 8);
const harder = await run(binanceInUsdt(), 8);
const tickers = await run(coinbaseTickers(), 4000);
console.log(
  options.json
    ? JSON.stringify({ ratios: ratiosOf([arrays, tickers]) })
    : report([arrays, harder, tickers]),
);
