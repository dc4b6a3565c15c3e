import { afterEach, expect, it } from "vitest";
import { type Clock, systemClock } from "../src/clock.ts";
import { EXCHANGES } from "../src/emulator/venue.ts";
import { unready } from "../src/wire/health.ts";
import { createProbe } from "../src/wire/probe.ts";
import { sleep, until } from "./support/client.ts";
import { type Rig, silentLog, startRig } from "./support/gateway.ts";

const MINUTE_MS = 60_000;

let rig: Rig | undefined;
afterEach(() => rig?.close());

/** The wall clock until it is made to run faster. */
function quickening(): Clock & { quicken(factor: number): void } {
  let [begun, from, rate] = [systemClock.now(), systemClock.now(), 1];
  const now = () => from + (systemClock.now() - begun) * rate;
  return {
    now,
    after: (ms, fn) => systemClock.after(ms / rate, fn),
    soon: systemClock.soon,
    quicken(factor) {
      [from, begun, rate] = [now(), systemClock.now(), factor];
    },
  };
}

it("stays ready through five minutes without any exchange: a platform that restarts it would cut every client", async () => {
  const clock = quickening();
  rig = await startRig({
    // Those of production.
    timing: {
      staleAfterMs: MINUTE_MS,
      failoverAfterMs: 30_000,
      holdMs: 30_000,
      connectTimeoutMs: 10_000,
      backoff: { baseMs: 1000, capMs: 30_000 },
    },
    record: async () => ({ tap: (network) => network, clock }),
  });
  const { gateway, emulator } = rig;
  const url = `http://127.0.0.1:${gateway.port}`;
  const readyz = async () => (await fetch(`${url}/readyz`)).status;
  await until(() => gateway.health().book.assets > 0, 10_000);
  expect(await readyz()).toBe(200);

  for (const exchange of EXCHANGES) emulator.break(exchange, "refuse");
  clock.quicken(100);
  const brokenAt = clock.now();
  await until(() => gateway.health().book.fresh === 0, 10_000);
  // What the gateway sees as its own client, in an outage.
  const probe = createProbe({
    clock: systemClock,
    log: silentLog,
    isCertified: () => true,
    hasPrices: () => gateway.health().book.fresh > 0,
  });
  probe.start({ url: `${url.replace("http", "ws")}/ws/prices`, secret: "" });
  const seen = new Set<number>();
  while (clock.now() - brokenAt < 5 * MINUTE_MS || probe.result().verdict === "pending") {
    seen.add(await readyz());
    await sleep(50);
  }
  probe.stop();
  expect([...seen]).toEqual([200]);
  expect(probe.result()).toMatchObject({ verdict: "quiet" });
  const { assets } = gateway.health().book;
  expect(unready({ draining: false, assets, probe: probe.result() })).toBeUndefined();

  const health = await fetch(`${url}/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ status: "down" });
});
