import { setTimeout as sleep } from "node:timers/promises";
import { type Rig, startRig } from "../../server/test/support/gateway.ts";

export const ASSETS = 2000;

/** As in production: emulated exchanges that speak once a second are not silent. */
const TIMING = {
  staleAfterMs: 60_000,
  failoverAfterMs: 10_000,
  holdMs: 30_000,
  connectTimeoutMs: 5000,
  silenceMs: 10_000,
};

/** The gateway on emulated exchanges whose market moves once a second, when nearly all assets have prices. */
export async function startStage(): Promise<Rig & { url: string }> {
  const rig = await startRig({ emulator: { assets: ASSETS, tickMs: 1000 }, timing: TIMING });
  const url = `http://127.0.0.1:${rig.gateway.port}`;
  while (new Set(rig.quotes.map(({ asset }) => asset)).size < 0.95 * ASSETS) await sleep(250);
  return { ...rig, url };
}
