import { afterAll, beforeAll, expect, it } from "vitest";
import { EXCHANGES } from "../../server/src/emulator/venue.ts";
import { certify } from "../../server/test/support/certificates.ts";
import { connect, type TestClient, until } from "../../server/test/support/client.ts";
import { type Rig, startBare, startRig } from "../../server/test/support/gateway.ts";
import type { Timing } from "../src/timing.ts";
import { failing, look, of, REAL } from "./support/look.ts";

const PAGE = "https://app.example/prices";
const PER_IP = 40;
let rig: Rig;
let url: string;

beforeAll(async () => {
  const limits = { origins: ["https://app.example"], clientsPerIp: PER_IP };
  // So long that a frozen price still counts as fresh.
  rig = await startRig({ limits, timing: { staleAfterMs: 60_000 } });
  url = `http://127.0.0.1:${rig.gateway.port}`;
  await until(() => rig.gateway.health().book.assets > 0);
});
afterAll(() => rig?.close());

// First, since it takes longest.
it.concurrent("tells that the exchanges are dead, first by frozen prices, then by old ones", async () => {
  const dying = await startRig({ timing: { staleAfterMs: 6000, failoverAfterMs: 60_000 } });
  const { emulator, gateway } = dying;
  try {
    await until(() => gateway.health().book.assets > 0);
    for (const exchange of EXCHANGES) emulator.break(exchange, "half-open");
    await until(() => (gateway.health().book.newestAgeMs ?? 0) > 400);
    const lookAt = (timing: Partial<Timing>) =>
      look(`http://127.0.0.1:${gateway.port}`, { timing: { ...REAL, ...timing } });

    const frozen = await lookAt({ watchMs: 3200 });
    expect(failing(frozen), JSON.stringify(frozen)).toEqual(["moving", "truth"]);
    expect(of(frozen, "moving").seen).toMatch(
      /^updates go on, and not one of \d+ prices changed for .*; (not live|last data): /,
    );
    expect(of(frozen, "moving").mend).toMatch(/exchanges/);

    await until(() => gateway.health().book.fresh === 0);
    const old = await lookAt({ priceMs: 1200, watchMs: 1200 });
    expect(failing(old), JSON.stringify(old)).toEqual(["health", "prices"]);
    expect(of(old, "health").seen).toMatch(/^down \(503\): .*every price is stale/);
    expect(of(old, "health").mend).toMatch(/exchanges/);
    expect(of(old, "prices").seen).toMatch(
      /it has no fresh one; not live: coincap \(.+\), binance \(.+\), coinbase \(.+\)$/,
    );
  } finally {
    await dying.close();
  }
});

it.concurrent("finds nothing amiss with the real gateway, and says that it is a demo", async () => {
  const results = await look(url, { page: PAGE, wanted: ["ETH", "dogecoin"], timing: REAL });
  expect(failing(results), JSON.stringify(results)).toEqual([]);
  expect(of(results, "label")).toMatchObject({ status: "pass" });
  expect(of(results, "label").seen).toMatch(/^DEMO: these prices are made up/);
  const named = /^ethereum changed \d times?; dogecoin changed \d times?$/;
  expect(of(results, "assets").seen).toMatch(named);
  expect(of(results, "origin").seen).toBe("https://app.example is let in");
  const skipped = results.filter(({ status }) => status === "skip").map(({ name }) => name);
  // A heartbeat takes longer than a test may.
  expect(skipped).toEqual(["dns", "tls", "idle"]);
});

it.concurrent("tells that the gateway turns the page's origin away, and how to let it in", async () => {
  const results = await look(url, { page: "https://other.example", timing: REAL });
  expect(failing(results), JSON.stringify(results)).toEqual(["origin"]);
  const { seen, mend } = of(results, "origin");
  expect(seen).toBe("pages of https://other.example are turned away: origin_not_allowed");
  expect(mend).toMatch(/--origins https:\/\/other\.example$/);
});

it.concurrent("tells that one asset is frozen while others move, and one unknown", async () => {
  for (const exchange of EXCHANGES) {
    rig.emulator.break(exchange, "frozen-asset", { asset: "bitcoin" });
  }
  const timing = { ...REAL, oldMs: 1500 };
  const results = await look(url, { wanted: ["BTC", "ETH", "no-such-coin"], timing });
  expect(failing(results), JSON.stringify(results)).toEqual(["assets"]);
  const { seen, mend } = of(results, "assets");
  expect(seen).toMatch(
    /^bitcoin is old, received \d\.?\d* s ago, while others move; ethereum changed \d times?; no-such-coin is unknown$/,
  );
  expect(mend).toMatch(/^See which exchanges price it in `sources` of GET \/api\/prices\/bitcoin/);
});

it.concurrent("gets into a gateway for those with a key, over TLS, and tells who has none", async () => {
  const tls = await certify("localhost");
  const closed = await startRig({ tls, access: { apiKeys: [{ name: "me", key: "key-of-me" }] } });
  try {
    await until(() => closed.gateway.health().book.assets > 0);
    const lookWith = (token: string | undefined) =>
      look(`wss://localhost:${closed.gateway.port}`, { token, ca: tls.cert, timing: REAL });
    const [inside, outside] = await Promise.all([lookWith("key-of-me"), lookWith(undefined)]);
    expect(failing(inside), JSON.stringify(inside)).toEqual([]);
    expect(of(inside, "tls").seen).toMatch(/^trusted, by localhost, for another \d+ days/);
    expect(failing(outside), JSON.stringify(outside)).toEqual(["hello", "v1"]);
    expect(of(outside, "hello").seen).toMatch(
      /^turned away: This stream is not for everybody.* 3504/,
    );
    expect(of(outside, "hello").mend).toMatch(/^Give the doctor a key or token with --token/);
  } finally {
    await closed.close();
  }
});

it.concurrent("looks at the asset that the address names", async () => {
  const timing = { ...REAL, watchMs: 1500, frozenMs: 5000 };
  const results = await look(`ws://127.0.0.1:${rig.gateway.port}/ws/prices/LTC`, { timing });
  expect(failing(results)).toEqual([]);
});

it.concurrent("tells that a gateway has had no price since its start", async () => {
  const gateway = await startBare();
  const results = await look(`http://127.0.0.1:${gateway.port}`);
  await gateway.close();
  expect(failing(results)).toEqual(["ready", "health", "prices"]);
  expect(of(results, "ready").seen).toMatch(
    /^not ready \(503\): There has been no price since the start/,
  );
  expect(of(results, "prices").seen).toMatch(
    /the gateway says that it has had none since its start/,
  );
});

it("tells that the address of the doctor has too many connections", async () => {
  const clients: TestClient[] = [];
  while (clients.length < PER_IP) clients.push(await connect(rig.gateway.port));
  const results = await look(url, { timing: REAL });
  for (const client of clients) client.close();
  expect(failing(results)).toEqual(["handshake", "sse"]);
  const { seen, mend } = of(results, "handshake");
  expect(seen).toMatch(
    /answers 429, too_many_clients_per_ip: .* Retry-After: 30 s\. \(101 is due\)$/,
  );
  expect(mend).toMatch(/--trusted-proxies/);
});
